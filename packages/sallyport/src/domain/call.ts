// A call is one tool call in canonical form: what is decided on is what is executed (I3).
import type { AgentId, SessionId } from './agent.ts';
import type { Brand } from './brand.ts';
import type { JsonValue } from './json-value.ts';
import type { OperationId, OperationInput } from './operation.ts';

/** Id of a call (UUIDv7), made by Sallyport. */
export type CallId = Brand<string, 'CallId'>;

/** Takes a fresh id, or one that the audit kept, as the id of a call. */
export function callId(id: string): CallId {
  return id as CallId;
}

/** The front door through which a call came. */
export type Door = 'mcp' | 'tools-api';

/** What a front door hands to the pipeline; translated, not judged. */
export interface CallRequest {
  readonly door: Door;
  /** The token as presented; undefined when there was none. */
  readonly token: string | undefined;
  /** Exactly one way of naming the operation, as the agent wrote it. */
  readonly name: { readonly operation: string } | { readonly tool: string };
  /** Strictly parsed: no duplicate keys, no lossy numbers. */
  readonly input: JsonValue;
  readonly idempotencyKey: string | undefined;
  /** Aborted when the client went away. */
  readonly signal: AbortSignal;
}

/** The canonical call object: frozen before the decision, executed as it is. */
export interface Call {
  readonly id: CallId;
  readonly door: Door;
  readonly agent: AgentId;
  readonly session: SessionId;
  readonly operation: OperationId;
  readonly operationDigest: string;
  readonly configDigest: string;
  readonly input: OperationInput;
  /** Canonical JSON of the input (RFC 8785). */
  readonly inputText: string;
  readonly idempotencyKey: string | null;
  readonly receivedAtMs: number;
}
