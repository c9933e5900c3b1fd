// What goes back to the agent: a clean reply, or a refusal with a code and a safe message.
import type { PendingApproval } from './approval.ts';
import type { CallId } from './call.ts';
import type { ErrorCode, Fault } from './errors.ts';
import type { JsonValue } from './json-value.ts';

/** A reply after the reply policy and the scrubber; `json` is the exact text that is sent. */
export interface Reply {
  /** JSON text of the value that the agent sees. */
  readonly json: string;
  /** Whether a row or byte cap cut the reply. */
  readonly isTruncated: boolean;
}

/** One input that does not fit the schema; names the place and the rule, never the value. */
export interface InputIssue {
  /** JSON pointer into the input. */
  readonly pointer: string;
  readonly rule: string;
}

/** Why a call has no reply, as the agent may know it. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly status: number;
  readonly fault: Fault;
  readonly message: string;
  readonly issues: readonly InputIssue[];
  readonly retryAfterMs: number | null;
  /** Status code that the service answered with, where it did. */
  readonly upstreamStatus: number | null;
  /** The agent's own request for approval, for a call that is held. */
  readonly approval: PendingApproval | null;
}

/** The end of every call. */
export type CallOutcome =
  | { readonly ok: true; readonly callId: CallId; readonly reply: Reply }
  | { readonly ok: false; readonly callId: CallId | null; readonly refusal: Refusal };

/** An operation as an agent sees it in lists. */
export interface ListedOperation {
  readonly operation: string;
  readonly tool: string;
  readonly description: string;
  readonly effect: string;
  readonly inputSchema: JsonValue;
}
