// What a model sees of a call: the reply as text and as structure, or why there is none and what to do next.
import type { CallOutcome, Refusal, Reply } from '../../domain/reply.ts';
import type { HttpAnswer } from '../../net/http-answer.ts';
import { approvalMembers } from '../pending-approval.ts';
import type { MethodCall } from './protocol-version.ts';
import { errorAnswer, resultAnswer } from './rpc-answer.ts';

// The same words for a tool that does not exist and for one that the agent may not know of.
const unknownTool = 'unknown tool; list the tools to see those that this agent may call';
const truncatedNote = ',{"type":"text","text":"The reply was cut at its limit; ask for less to see everything."}';

/** The answer to a tool call. */
export function outcomeAnswer(call: MethodCall, outcome: CallOutcome): HttpAnswer {
  const meta = metaOf(call, outcome);
  if (outcome.ok) return resultAnswer(call.id, `${call.resultHead}${replyMembers(outcome.reply)}${meta}`);
  const { refusal } = outcome;
  if (refusal.code === 'OPERATION_NOT_AVAILABLE') return errorAnswer({ ...refusal, message: unknownTool }, call.id);
  // Who calls is not for the model to put right: the client's operator must see it.
  if (isAboutCaller(refusal)) return errorAnswer(refusal, call.id);
  return resultAnswer(call.id, `${call.resultHead}${refusalMembers(refusal)}${meta}`);
}

function isAboutCaller({ code }: Refusal): boolean {
  return code.startsWith('TOKEN_') || code === 'SESSION_REVOKED';
}

/** The metadata of an answer to a tool call, as a member that follows others. */
export function metaOf({ serverInfo }: MethodCall, { callId }: CallOutcome): string {
  const known = callId === null ? '' : `"io.sallyport/call":${JSON.stringify(callId)},`;
  return `,"_meta":{${known}"io.modelcontextprotocol/serverInfo":${serverInfo}}`;
}

// The reply is JSON text already, scrubbed as it is: as structure it is set in, never parsed again.
function replyMembers({ json, isTruncated }: Reply): string {
  const note = isTruncated ? truncatedNote : '';
  const structure = json.startsWith('{') ? `"structuredContent":${json},` : '';
  const content = `[{"type":"text","text":${JSON.stringify(json)}}${note}]`;
  return `"content":${content},${structure}"isError":false`;
}

function refusalMembers(refusal: Refusal): string {
  const { code, message, issues, retryAfterMs, upstreamStatus, approval } = refusal;
  const text = JSON.stringify({
    code,
    message,
    ...(issues.length === 0 ? {} : { issues }),
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
    ...(upstreamStatus === null ? {} : { upstreamStatus }),
    ...(approval === null ? {} : { approval: approvalMembers(approval) }),
  });
  return `"content":[{"type":"text","text":${JSON.stringify(text)}}],"isError":true`;
}
