// Which version a message speaks, by body and header alike: a header of one era over a body of the other is refused.
import { SallyportError } from '../../domain/errors.ts';
import { legacyMcpVersions, mcpVersions, modernMcpVersion, negotiatedMcpVersion } from '../../domain/mcp-versions.ts';
import type { RequestHeaders } from '../request-headers.ts';
import { requestedVersion, singleVersion } from './envelope.ts';
import { legacyVersions } from './legacy-versions.ts';
import type { ProtocolVersion } from './protocol-version.ts';
import type { RpcRequest } from './rpc-message.ts';
import { version20260728 } from './version-2026-07-28.ts';

const served: ReadonlyMap<string, ProtocolVersion> = new Map(
  [version20260728, ...legacyVersions].map((each) => [each.version, each]),
);

/** The version of a request; or the one that it asks for in vain, and those that it may ask for. */
export type Selection =
  | { readonly served: ProtocolVersion }
  | { readonly served: undefined; readonly requested: string | undefined; readonly supported: readonly string[] };

/**
 * The version of a request.
 * @throws SallyportError REQUEST_HEADER_MISMATCH, REQUEST_PARAMS
 */
export function selectVersion(message: RpcRequest, headers: RequestHeaders): Selection {
  const { version, isInBody } = requestedVersion(message, headers);
  if (isInBody) {
    // What names its version in the envelope is of the modern era, whatever it names.
    return version === modernMcpVersion
      ? { served: version20260728 }
      : { served: undefined, requested: version, supported: [modernMcpVersion] };
  }
  if (message.method === 'initialize') return handshake(message, version);
  const found = served.get(version ?? '');
  return found === undefined ? { served: undefined, requested: version, supported: mcpVersions } : { served: found };
}

/** Whether a notification may carry this header. @throws SallyportError REQUEST_HEADER_MISMATCH */
export function isServedOrAbsent(headers: RequestHeaders): boolean {
  const version = singleVersion(headers);
  return version === undefined || served.has(version);
}

// The handshake asks for its version in the parameters; a header, where there is one, must be of its era.
function handshake({ params }: RpcRequest, header: string | undefined): Selection {
  if (header !== undefined && !legacyMcpVersions.includes(header)) {
    throw new SallyportError(
      'REQUEST_HEADER_MISMATCH',
      'the header MCP-Protocol-Version is of another era than the handshake in the body',
    );
  }
  const asked = params['protocolVersion'];
  const found = served.get(negotiatedMcpVersion(asked) ?? '');
  if (found !== undefined) return { served: found };
  return { served: undefined, requested: typeof asked === 'string' ? asked : undefined, supported: mcpVersions };
}
