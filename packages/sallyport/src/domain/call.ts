// A call is one tool call in canonical form: what is decided on is what is executed (I3).
import type { AgentId, Presented, SessionId } from './agent.ts';
import type { Brand } from './brand.ts';
import type { JsonValue } from './json-value.ts';
import type { OperationId, OperationInput } from './operation.ts';

/** Id of a call (UUIDv7), made by Sallyport. */
export type CallId = Brand<string, 'CallId'>;

/** Takes a fresh id, or one that the audit kept, as the id of a call. */
export function callId(id: string): CallId {
  return id as CallId;
}

/** What is spoken at a front door. */
export type DoorProtocol = 'mcp' | 'tools-api';

/** The front door through which a call came, as the audit names it. */
export type Door = DoorProtocol | `${DoorProtocol} via socket`;

/** What a front door hands to the pipeline; translated, not judged. */
export interface CallRequest {
  readonly door: Door;
  /** The token as presented, or the name of a local agent. */
  readonly token: Presented;
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
