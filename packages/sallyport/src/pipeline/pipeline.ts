// What the path of a call needs, and what front doors may ask of it.
import type { AgentRegistry } from '../agents/agent-registry.ts';
import type { ApprovalDesk } from '../approvals/approval-desk.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { CallJournal } from '../audit/call-journal.ts';
import type { Presented } from '../domain/agent.ts';
import type { PendingApproval } from '../domain/approval.ts';
import type { CallRequest } from '../domain/call.ts';
import type { Clock } from '../domain/clock.ts';
import type { ErrorCode, SallyportError } from '../domain/errors.ts';
import type { Random } from '../domain/random.ts';
import type { CallOutcome, ListedOperation } from '../domain/reply.ts';
import type { Vault } from '../vault/vault.ts';
import type { Snapshot } from './snapshot.ts';

/** What the stages use; made once by the composition root. */
export interface PipelineDependencies {
  /** The snapshot in force; read once for each call. */
  readonly snapshot: () => Snapshot;
  readonly agents: AgentRegistry;
  readonly vault: Vault;
  readonly journal: CallJournal;
  readonly audit: AuditLog;
  /** Null where nobody gives approvals: calls that need one are refused with a code of their own. */
  readonly approvals: ApprovalDesk | null;
  readonly clock: Clock;
  readonly random: Random;
  /** Tells the operator; never on the way of a call that goes well. */
  readonly report: OperatorReport;
  /** Counts refusals before authentication, by code; they are recorded for each window of time. */
  readonly doorCounter: { count(code: ErrorCode): void };
}

/** Lines for the operator: allow-listed fields only. */
export interface OperatorReport {
  /** A call that was refused or failed, with its cause. */
  refusal(facts: {
    readonly call: string | null;
    readonly agent: string | null;
    readonly operation: string | null;
    readonly code: string;
    readonly reason: string | null;
    readonly cause: unknown;
  }): void;
}

/** What front doors see of the pipeline. */
export interface Pipeline {
  /** Runs one call; never rejects: whatever happens is a CallOutcome. */
  call(request: CallRequest): Promise<CallOutcome>;
  /** What the holder of this token may call, in the order of ids. @throws SallyportError TOKEN_*, SESSION_REVOKED */
  list(token: Presented): readonly ListedOperation[];
  /** One of the agent's own requests for approval. @throws SallyportError TOKEN_*, APPROVAL_UNKNOWN (also for requests of others) */
  approval(token: Presented, id: string): Promise<PendingApproval>;
  /** Counts a request that was refused before authentication. */
  refusedAtDoor(error: SallyportError): void;
  /** How many calls are in flight. */
  inFlight(): number;
  /** Resolves when every call that is in flight now has ended, or after `graceMs`. */
  untilEnded(graceMs: number): Promise<void>;
  /** Ends it: new calls are refused with SHUTTING_DOWN, calls in flight end within `graceMs` or are recorded as cut. A second time shortens the first. */
  drain(graceMs: number): Promise<void>;
}
