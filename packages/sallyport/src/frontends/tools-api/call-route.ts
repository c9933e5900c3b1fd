// POST /v1/operations/{id}/call: the body is the input, the answer is the reply or a problem.
import { SallyportError } from '../../domain/errors.ts';
import type { CallOutcome } from '../../domain/reply.ts';
import { type HttpAnswer, jsonAnswer } from '../../net/http-answer.ts';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import { doorOf, readCaller } from '../caller.ts';
import { DoorCall } from '../door-call.ts';
import type { Exchange, Route } from '../exchange.ts';
import { readJsonBody } from '../json-body.ts';
import { problemAnswer, refusalAnswer } from '../problem-details.ts';
import { headerOf, type RequestHeaders } from '../request-headers.ts';

/** Calls one operation, named by the id as it stands in the path. */
export function createCallRoute(pipeline: Pipeline, operation: string): Route {
  return {
    method: 'POST',
    serve: (exchange) => call(pipeline, operation, exchange),
    refuse: problemAnswer,
  };
}

async function call(pipeline: Pipeline, operation: string, exchange: Exchange): Promise<HttpAnswer> {
  const { request, headers, via } = exchange;
  const token = readCaller(exchange);
  const idempotencyKey = readIdempotencyKey(headers);
  const read = readJsonBody(exchange, () => pipeline.list(token));
  const input = read instanceof Promise ? await read : read;
  const facts = { door: doorOf('tools-api', via), token, name: { operation }, input, idempotencyKey };
  return answerOf(await pipeline.call(new DoorCall(request, facts)));
}

// The reply is JSON text already, scrubbed as it is: it is set in, never parsed again.
function answerOf(outcome: CallOutcome): HttpAnswer {
  if (!outcome.ok) return refusalAnswer(outcome.refusal, outcome.callId);
  const { callId, reply } = outcome;
  return jsonAnswer(
    200,
    `{"call":${JSON.stringify(callId)},"result":${reply.json},"truncated":${String(reply.isTruncated)}}`,
  );
}

function readIdempotencyKey(headers: RequestHeaders): string | undefined {
  const header = headerOf(headers, 'idempotency-key');
  if (header.kind === 'repeated') {
    throw new SallyportError('IDEMPOTENCY_KEY_MALFORMED', 'send at most one Idempotency-Key header');
  }
  return header.kind === 'one' ? header.value : undefined;
}
