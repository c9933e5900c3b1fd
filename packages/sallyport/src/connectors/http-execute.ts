// Sends a built HTTP request once, with the credential placed at the last moment, and says truthfully how it ended.
import type { ErrorCode } from '../domain/errors.ts';
import { SallyportError } from '../domain/errors.ts';
import type { OperationDefinition } from '../domain/operation.ts';
import type { Placement } from '../domain/placement.ts';
import type { ReplyPolicy } from '../domain/reply-policy.ts';
import type { Exchange, ExchangeRequest } from '../net/http-exchange.ts';
import { dialError } from '../net/http-exchange.ts';
import type { HttpPool } from '../net/network.ts';
import type { Execution, ExecutionAccess } from './connector.ts';
import type { PlacedCredential } from './http-credential.ts';
import { placeCredential } from './http-credential.ts';
import { decodeBody } from './http-decode.ts';
import { allowedHeaders, headerOf, readBody } from './http-reply.ts';
import type { HttpPlannedRequest } from './http-request.ts';

/** What the executions of one operation share. */
export interface HttpExecution {
  readonly pool: HttpPool;
  readonly operation: OperationDefinition;
  readonly place: Placement | null;
  readonly idempotencyHeader: string | null;
}

type FailedExchange = Extract<Exchange, { kind: 'failed' }>;
type RepliedExchange = Extract<Exchange, { kind: 'replied' }>;

/** Never throws: every end is an Execution. */
export async function executeRequest(
  shared: HttpExecution,
  request: HttpPlannedRequest,
  access: ExecutionAccess,
): Promise<Execution> {
  let sendable: ExchangeRequest;
  try {
    sendable = sendableRequest(shared, request, access);
  } catch (error) {
    return { kind: 'not-sent', error: asSallyportError(error) };
  }
  const exchange = await shared.pool.send(sendable);
  if (exchange.kind === 'failed') return failedExecution(shared.operation, exchange);
  return refusedExecution(shared.operation, exchange.status) ?? (await readExecution(exchange, shared.operation.reply));
}

function sendableRequest(shared: HttpExecution, request: HttpPlannedRequest, access: ExecutionAccess): ExchangeRequest {
  const placed = placeInRequest(shared, access);
  const separator = request.query === '' || placed.query === '' ? '' : '&';
  const query = `${request.query}${separator}${placed.query}`;
  return {
    method: request.method,
    path: query === '' ? request.path : `${request.path}?${query}`,
    headers: [...request.headers, ...idempotencyPair(shared, access), ...placed.headers],
    body: request.body,
    maxReplyBytes: shared.operation.reply.maxBytes,
    timeoutMs: access.timeoutMs,
    signal: access.signal,
  };
}

function placeInRequest(shared: HttpExecution, access: ExecutionAccess): PlacedCredential {
  if (shared.place === null) return { headers: [], query: '' };
  if (access.credential === null) {
    throw new SallyportError('CREDENTIAL_MISSING', 'the credential of this service was not opened');
  }
  return placeCredential(shared.place, access.credential);
}

function idempotencyPair(shared: HttpExecution, access: ExecutionAccess): readonly string[] {
  if (shared.idempotencyHeader === null || access.idempotencyKey === null) return [];
  if (!/^[\x21-\x7e]{1,255}$/.test(access.idempotencyKey)) {
    throw new SallyportError('IDEMPOTENCY_KEY_MALFORMED', 'an idempotency key is 1 to 255 visible ASCII characters');
  }
  return [shared.idempotencyHeader, access.idempotencyKey];
}

async function readExecution({ status, headers, body }: RepliedExchange, policy: ReplyPolicy): Promise<Execution> {
  const common = { kind: 'replied', status, headers: allowedHeaders(headers, policy), isTruncated: false } as const;
  if (policy.kind === 'none') return { ...common, body: { kind: 'empty' }, bytes: body.length };
  try {
    const decoding = decodeBody(body, headerOf(headers, 'content-encoding'), policy.maxBytes);
    // Nearly every body comes as it is, and is not waited for.
    const decoded = decoding instanceof Promise ? await decoding : decoding;
    return { ...common, body: readBody(headers, decoded, policy), bytes: decoded.length };
  } catch (error) {
    return { kind: 'failed', error: asSallyportError(error), upstreamStatus: status };
  }
}

// The answers that are not 2xx; nothing of their body or reason phrase goes further.
function refusedExecution(operation: OperationDefinition, status: number): Execution | undefined {
  if (status >= 200 && status < 300) return undefined;
  // A gateway says so when it does not know what became of a request.
  if ((status === 502 || status === 504) && operation.effect !== 'read') {
    return { kind: 'indeterminate', error: indeterminate() };
  }
  return { kind: 'failed', error: refusalError(status), upstreamStatus: status };
}

function refusalError(status: number): SallyportError {
  if (status < 400)
    return new SallyportError(
      'UPSTREAM_REDIRECT',
      'the service answered with a redirect, which is never followed; tell the operator, who declares where it leads',
    );
  if (status === 401)
    return new SallyportError('UPSTREAM_REFUSED_CREDENTIAL', 'the service refused the credential; tell the operator');
  return new SallyportError(
    'UPSTREAM_REFUSED',
    `the service refused the request with status ${status}; ${nextStep(status)}`,
  );
}

function nextStep(status: number): string {
  if (status === 429) return 'it takes no more for now: try again later';
  if (status === 403) return 'it does not allow this: tell the operator';
  if (status < 500) return 'check the input against what exists there, and do not repeat it unchanged';
  return 'try a read again later; look at the service before repeating a write';
}

function failedExecution(operation: OperationDefinition, exchange: FailedExchange): Execution {
  const dialling = dialError(exchange.error);
  if (!exchange.isSent) {
    return { kind: 'not-sent', error: dialling ?? failureError(exchange, 'the request was not sent') };
  }
  if (exchange.reason === 'too-large' && exchange.status !== null) return tooLargeExecution(operation, exchange.status);
  if (operation.effect !== 'read') return { kind: 'indeterminate', error: indeterminate(exchange.error) };
  return {
    kind: 'failed',
    error: failureError(exchange, 'the reply did not arrive'),
    upstreamStatus: exchange.status,
  };
}

// How it ended is known by the status; only the reply itself cannot be used.
function tooLargeExecution(operation: OperationDefinition, status: number): Execution {
  const refusal = refusedExecution(operation, status);
  if (refusal !== undefined) return refusal;
  if (operation.reply.kind === 'none') {
    return { kind: 'replied', status, headers: [], body: { kind: 'empty' }, bytes: 0, isTruncated: false };
  }
  const error = new SallyportError('UPSTREAM_REPLY_TOO_LARGE', 'the reply of the service is too large');
  return { kind: 'failed', error, upstreamStatus: status };
}

const failureCodes: Readonly<Record<FailedExchange['reason'], readonly [ErrorCode, string]>> = {
  timeout: ['UPSTREAM_TIMEOUT', 'the service took too long'],
  aborted: ['CALL_CUT', 'the call was cut short'],
  'too-large': ['UPSTREAM_REPLY_TOO_LARGE', 'the reply of the service is too large'],
  connection: ['UPSTREAM_UNREACHABLE', 'the connection to the service failed'],
};

function failureError(exchange: FailedExchange, consequence: string): SallyportError {
  const [code, text] = failureCodes[exchange.reason];
  return new SallyportError(code, `${text}; ${consequence}`, { cause: exchange.error });
}

function indeterminate(cause?: Error): SallyportError {
  return new SallyportError(
    'UPSTREAM_INDETERMINATE',
    'the service may or may not have done it; look before trying again',
    cause === undefined ? {} : { cause },
  );
}

function asSallyportError(error: unknown): SallyportError {
  return error instanceof SallyportError
    ? error
    : new SallyportError('INTERNAL', 'the request failed', { cause: error });
}
