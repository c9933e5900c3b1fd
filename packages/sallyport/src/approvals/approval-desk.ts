// The port to approvals: agents' calls are held here, and operators decide; nothing that arrives on an agent's door does.
import type { AgentId } from '../domain/agent.ts';
import type { Approval, ApprovalId, HeldCall } from '../domain/approval.ts';
import type { Statement } from '../store/store.ts';
import type { EndedApprovals } from './end-approvals.ts';

/** Approvals of calls. */
export interface ApprovalDesk {
  /** The newest request for exactly this call; undefined when there is none. */
  find(call: HeldCall, nowMs: number): Promise<Approval | undefined>;
  /**
   * Asks for approval of a call; durable, with its audit record, when it resolves. The same call asked for twice is one request.
   * @throws SallyportError APPROVAL_QUEUE_FULL, AUDIT_UNAVAILABLE
   */
  request(call: HeldCall, rule: string, nowMs: number): Promise<Approval>;
  /** The statement that uses an allowed approval up; it fails its batch when the approval is not allowed any more. */
  use(approval: ApprovalId, nowMs: number): Statement;
  /** One of an agent's own requests; undefined for those of others. */
  ownedBy(agent: AgentId, id: string, nowMs: number): Promise<Approval | undefined>;
  /** Requests, newest last; only pending ones unless all are asked for. */
  list(filter: 'pending' | 'all', nowMs: number): Promise<readonly Approval[]>;
  /** A request with its input as canonical JSON. @throws SallyportError ADMIN_INPUT when there is none */
  show(id: string, nowMs: number): Promise<{ readonly approval: Approval; readonly inputText: string }>;
  /** What ends every pending or allowed request of an agent, as a part of a batch that is recorded. */
  ending(agent: AgentId, nowMs: number): Promise<EndedApprovals>;
  /** Decides on a pending request; durable, with its audit record, when it resolves. @throws SallyportError ADMIN_INPUT when it is not pending */
  decide(id: string, verdict: 'allowed' | 'refused', nowMs: number): Promise<Approval>;
}
