// Listing and calling tools is the same work in every version of the protocol.
import { SallyportError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json-value.ts';
import type { CallOutcome, ListedOperation } from '../../domain/reply.ts';
import type { HttpAnswer } from '../../net/http-answer.ts';
import { DoorCall } from '../door-call.ts';
import { readIdempotencyKey } from './envelope.ts';
import type { MethodCall } from './protocol-version.ts';
import { asObject } from './rpc-message.ts';
import { outcomeAnswer } from './tool-result.ts';

/** The tools of the agent, as a member of a result. @throws SallyportError REQUEST_PARAMS, TOKEN_*, SESSION_REVOKED */
export function listedTools({ params, pipeline, token }: MethodCall): string {
  // All tools are on the first page, so no cursor was ever handed out.
  requireOnly(params, ['_meta']);
  return `"tools":${JSON.stringify(pipeline.list(token).map(toolOf))}`;
}

function toolOf(listed: ListedOperation): object {
  return {
    name: listed.tool,
    title: listed.operation,
    description: listed.description,
    inputSchema: listed.inputSchema,
    annotations: { readOnlyHint: listed.effect === 'read', destructiveHint: listed.effect === 'destroy' },
  };
}

/** Calls one tool for clients that are asked nothing. @throws SallyportError REQUEST_PARAMS, IDEMPOTENCY_KEY_MALFORMED */
export async function callTool(call: MethodCall): Promise<HttpAnswer> {
  requireOnly(call.params, ['name', 'arguments', '_meta']);
  return outcomeAnswer(call, await toolOutcome(call));
}

/** What became of the call that the parameters name. @throws SallyportError REQUEST_PARAMS, IDEMPOTENCY_KEY_MALFORMED */
export function toolOutcome(call: MethodCall): Promise<CallOutcome> {
  const { params, pipeline } = call;
  const tool = params['name'];
  if (typeof tool !== 'string') throw new SallyportError('REQUEST_PARAMS', 'params.name must name a tool');
  const input = Object.hasOwn(params, 'arguments') ? asObject(params['arguments']) : {};
  if (input === undefined) throw new SallyportError('REQUEST_PARAMS', 'params.arguments must be an object');
  const { door, token } = call;
  const facts = { door, token, name: { tool }, input, idempotencyKey: readIdempotencyKey(params) };
  return pipeline.call(new DoorCall(call.request, facts));
}

/** Refuses parameters that mean nothing here. @throws SallyportError REQUEST_PARAMS */
export function requireOnly(params: JsonObject, names: readonly string[]): void {
  if (Object.keys(params).every((name) => names.includes(name))) return;
  throw new SallyportError('REQUEST_PARAMS', `params may hold ${names.join(', ')} and nothing else here`);
}
