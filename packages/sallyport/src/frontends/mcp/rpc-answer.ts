// JSON-RPC answers, and the one place where an error code of ours becomes a code of the protocol and an HTTP status.
import type { ErrorCode, SallyportError } from '../../domain/errors.ts';
import { type HttpAnswer, jsonAnswer } from '../../net/http-answer.ts';
import { challengeFor } from '../bearer-token.ts';
import type { RpcId } from './rpc-message.ts';

interface RpcCode {
  readonly rpcCode: number;
  readonly status: number;
}

// MCP 2026-07-28, basic/index (error codes) and basic/transports/streamable-http (statuses).
const protocolCodes: Partial<Readonly<Record<ErrorCode, RpcCode>>> = {
  REQUEST_JSON: { rpcCode: -32700, status: 400 },
  REQUEST_JSON_DUPLICATE_KEY: { rpcCode: -32700, status: 400 },
  REQUEST_JSON_NUMBER: { rpcCode: -32700, status: 400 },
  REQUEST_JSON_DEPTH: { rpcCode: -32700, status: 400 },
  REQUEST_JSON_TEXT: { rpcCode: -32700, status: 400 },
  REQUEST_MALFORMED: { rpcCode: -32600, status: 400 },
  REQUEST_NOT_FOUND: { rpcCode: -32601, status: 404 },
  REQUEST_PARAMS: { rpcCode: -32602, status: 400 },
  REQUEST_HEADER_MISMATCH: { rpcCode: -32020, status: 400 },
  REQUEST_VERSION: { rpcCode: -32022, status: 400 },
  // In band: clients take another status for a broken connection.
  OPERATION_NOT_AVAILABLE: { rpcCode: -32602, status: 200 },
  IDEMPOTENCY_KEY_MALFORMED: { rpcCode: -32602, status: 400 },
};

// JSON-RPC reserves -32768 to -32000; our own codes are -31000 minus the HTTP status.
const ownCodes = -31_000;

/** A result; `members` is the inner text of its object. */
export function resultAnswer(id: RpcId, members: string): HttpAnswer {
  return jsonAnswer(200, `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{${members}}}`);
}

/** A protocol error; without an id where the message had none that could be read. */
export function errorAnswer(error: Pick<SallyportError, 'code' | 'status' | 'message'>, id?: RpcId): HttpAnswer {
  return errorAnswerWithData(error, id, { code: error.code });
}

/** An answer about the message itself with the status of an answer that arrived; one about the caller keeps its own. */
export function inBand(answer: HttpAnswer): HttpAnswer {
  return answer.status === 400 || answer.status === 404 ? { ...answer, status: 200 } : answer;
}

/** The refusal of a version, which names the ones that are served. */
export function versionAnswer(error: SallyportError, id: RpcId, versions: VersionFacts): HttpAnswer {
  return errorAnswerWithData(error, id, { code: error.code, ...versions });
}

/** The refusal of something that does not exist, with its name as the client gave it (SEP-2164). */
export function missingAnswer(error: SallyportError, id: RpcId, named: Readonly<Record<string, string>>): HttpAnswer {
  return inBand(errorAnswerWithData(error, id, { code: error.code, ...named }));
}

/** What a client needs to choose another version. */
export interface VersionFacts {
  readonly supported: readonly string[];
  readonly requested: string;
}

function errorAnswerWithData(
  error: Pick<SallyportError, 'code' | 'status' | 'message'>,
  id: RpcId | undefined,
  data: object,
): HttpAnswer {
  const { rpcCode, status } = protocolCodes[error.code] ?? { rpcCode: ownCodes - error.status, status: error.status };
  const body = JSON.stringify({
    jsonrpc: '2.0',
    ...(id === undefined ? {} : { id }),
    error: { code: rpcCode, message: error.message, data },
  });
  const answer = jsonAnswer(status, body);
  return status === 401 ? { ...answer, headers: ['www-authenticate', challengeFor(error)] } : answer;
}
