// Resources, prompts and completions: there are none, and that is said in the protocol's own way, because many clients ask for them whatever was
// announced and show a broken server where the method is missing.
import { SallyportError } from '../../domain/errors.ts';
import type { HttpAnswer } from '../../net/http-answer.ts';
import type { MethodCall, RpcMethod } from './protocol-version.ts';
import { missingAnswer } from './rpc-answer.ts';
import { asObject } from './rpc-message.ts';
import { requireOnly } from './tool-methods.ts';

/** What is announced to clients, as JSON text. */
export const capabilities = '{"tools":{},"resources":{},"prompts":{},"completions":{}}';

/** The methods that list, each with the member of its result. */
export const emptyLists: readonly (readonly [method: string, member: string])[] = [
  ['resources/list', 'resources'],
  ['resources/templates/list', 'resourceTemplates'],
  ['prompts/list', 'prompts'],
];

/** The methods that get one of what there is none of. */
export const missingItems: readonly (readonly [method: string, rpcMethod: RpcMethod])[] = [
  ['resources/read', { mirroredName: 'uri', serve: (call) => refuseItem(call, 'uri') }],
  ['prompts/get', { mirroredName: 'name', serve: (call) => refuseItem(call, 'name') }],
];

const maxEchoedCharacters = 2000;

/** An empty list as a member of a result. @throws SallyportError REQUEST_PARAMS, TOKEN_*, SESSION_REVOKED */
export function emptyList({ params, pipeline, token }: MethodCall, member: string): string {
  requireOnly(params, ['_meta']);
  // Only a known agent is told anything.
  pipeline.list(token);
  return `"${member}":[]`;
}

/** No suggestions, whatever they are asked for, as a member of a result. @throws SallyportError REQUEST_PARAMS, TOKEN_*, SESSION_REVOKED */
export function emptyCompletion({ params, pipeline, token }: MethodCall): string {
  requireOnly(params, ['ref', 'argument', 'context', '_meta']);
  if (asObject(params['ref']) === undefined || asObject(params['argument']) === undefined) {
    throw new SallyportError('REQUEST_PARAMS', 'params.ref and params.argument must be objects');
  }
  pipeline.list(token);
  return '"completion":{"values":[]}';
}

async function refuseItem({ params, pipeline, token, id }: MethodCall, key: 'uri' | 'name'): Promise<HttpAnswer> {
  pipeline.list(token);
  const asked = params[key];
  if (typeof asked !== 'string') throw new SallyportError('REQUEST_PARAMS', `params.${key} must be a string`);
  const error = new SallyportError('REQUEST_PARAMS', 'there is nothing of this name here; tools are all that there is');
  pipeline.refusedAtDoor(error);
  return missingAnswer(error, id, asked.length > maxEchoedCharacters ? {} : { [key]: asked });
}
