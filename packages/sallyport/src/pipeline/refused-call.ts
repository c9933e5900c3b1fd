// A stage refuses by throwing this: the agent learns the code and the message, the operator the reason and the rule.
import type { PendingApproval } from '../domain/approval.ts';
import { type ErrorCode, SallyportError } from '../domain/errors.ts';
import type { InputIssue } from '../domain/reply.ts';

/** What goes with a refusal beside its code and message. */
export interface RefusalDetails {
  /** Why, for the audit and the operator: `grant-missing`. */
  readonly reason: string;
  /** Path of the rule in the config. */
  readonly rule?: string | null;
  /** The operation, where a name outside the agent's view is in the catalogue. */
  readonly operation?: string | null;
  readonly issues?: readonly InputIssue[];
  readonly retryAfterMs?: number | null;
  /** The agent's own request for approval, for a call that is held. */
  readonly approval?: PendingApproval;
  readonly cause?: unknown;
}

/** A refusal with what the operator may know about it. */
export class RefusedCall extends SallyportError {
  readonly details: RefusalDetails;

  constructor(code: ErrorCode, message: string, details: RefusalDetails) {
    super(code, message, { cause: details.cause });
    this.name = 'RefusedCall';
    this.details = details;
  }
}
