// An approval is an operator's yes to one held call in canonical form; another argument, agent, operation version or config is another call.
import type { AgentId } from './agent.ts';
import type { Brand } from './brand.ts';
import type { OperationId } from './operation.ts';

/** Id of an approval (UUIDv7). */
export type ApprovalId = Brand<string, 'ApprovalId'>;

/** `expired` is a state in time: a pending or allowed approval past its end. */
export type ApprovalState = 'pending' | 'allowed' | 'refused' | 'used' | 'expired';

/** What a held call is, to the byte: an approval holds for exactly this. */
export interface HeldCall {
  readonly agent: AgentId;
  readonly operation: OperationId;
  readonly operationDigest: string;
  readonly configDigest: string;
  /** Canonical JSON of the input (RFC 8785). */
  readonly inputText: string;
}

/** A request for approval, and what became of it. */
export interface Approval {
  readonly id: ApprovalId;
  readonly agent: AgentId;
  readonly operation: OperationId;
  readonly operationDigest: string;
  readonly configDigest: string;
  readonly state: ApprovalState;
  /** Path of the grant that holds the call. */
  readonly rule: string;
  readonly requestedAtMs: number;
  /** After this it can be neither given nor used. */
  readonly expiresAtMs: number;
}

/** What an agent may know of its own request. */
export type PendingApproval = Pick<Approval, 'id' | 'state' | 'expiresAtMs'>;

/** An approval lives this long from its request, milliseconds. */
export const approvalLifetimeMs = 3_600_000;

/** More open requests than this of one agent are refused, so that nobody is asked until they say yes to everything. */
export const maxPendingApprovals = 20;

/** The ids of a stored approval: what was written from branded ids is read back as such. */
export function storedApprovalIds(row: {
  readonly id: string;
  readonly agent: string;
  readonly operation: string;
}): Pick<Approval, 'id' | 'agent' | 'operation'> {
  return { id: row.id as ApprovalId, agent: row.agent as AgentId, operation: row.operation as OperationId };
}
