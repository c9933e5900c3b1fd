// Who says to be calling: the holder of a token, or on the agents' socket a local agent by its name. Whether it is so, the pipeline says.
import type { Presented } from '../domain/agent.ts';
import type { Door, DoorProtocol } from '../domain/call.ts';
import { SallyportError } from '../domain/errors.ts';
import { readBearerToken } from './bearer-token.ts';
import type { Exchange, Via } from './exchange.ts';
import { headerOf } from './request-headers.ts';

/**
 * What the caller presents. A header that names an agent means nothing on the network: anybody could send it there.
 * @throws SallyportError TOKEN_MISSING, TOKEN_MALFORMED
 */
export function readCaller({ headers, via }: Pick<Exchange, 'headers' | 'via'>): Presented {
  if (via === 'network') return readBearerToken(headers);
  const named = headerOf(headers, 'sallyport-agent');
  if (named.kind === 'absent') return readBearerToken(headers);
  if (named.kind === 'repeated' || headerOf(headers, 'authorization').kind !== 'absent') {
    throw new SallyportError(
      'TOKEN_MALFORMED',
      'send one Sallyport-Agent header or one Authorization header, not both',
    );
  }
  return { local: named.value };
}

/** The door by which the audit knows a call. */
export function doorOf(protocol: DoorProtocol, via: Via): Door {
  return via === 'network' ? protocol : `${protocol} via socket`;
}
