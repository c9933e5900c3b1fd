// The port to the two records of a call: intent before, outcome after, and what an idempotency key remembers between them.
import type { CallIntent, CallOutcomeEntry, CallRefused } from '../domain/audit-entry.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { Statement } from '../store/store.ts';
import type { Recorded } from './recorded.ts';

/** The agent's idempotency key, and what it was first used for. */
export interface IdempotencyClaim {
  readonly agent: string;
  readonly operation: string;
  readonly key: string;
  /** Canonical input: the same key with another input is refused. */
  readonly inputText: string;
  /** Whether an earlier attempt of unknown outcome may be sent again: only where the service honours the key. */
  readonly mayResend: boolean;
}

/** The claim of an approved call, and the statement that uses its approval up. */
export interface ApprovedClaim {
  readonly claim: IdempotencyClaim;
  readonly use: Statement;
}

/** How an earlier call with the same key ended; `json` is the reply that the agent got then. */
export type EarlierOutcome =
  | { readonly ok: true; readonly call: string; readonly json: string; readonly isTruncated: boolean }
  | { readonly ok: false; readonly call: string; readonly code: ErrorCode };

/** Either the call may go on, or it was made before. */
export type Begun =
  | { readonly kind: 'begun'; readonly recorded: Recorded<CallIntent> }
  | { readonly kind: 'repeated'; readonly earlier: EarlierOutcome };

/** Records calls. Each method resolves when what it wrote is durable; details are canonical JSON text. */
export interface CallJournal {
  /** How the call that holds this claim ended; undefined when there is none. @throws SallyportError IDEMPOTENCY_IN_PROGRESS, IDEMPOTENCY_KEY_REUSED */
  earlier(claim: IdempotencyClaim): Promise<EarlierOutcome | undefined>;
  /**
   * Writes the intent, which opens the call, its sealed details, and the idempotency claim, in one batch.
   * @throws SallyportError AUDIT_UNAVAILABLE, IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_PROGRESS
   */
  begin(intent: CallIntent, detailsText: string, claim: IdempotencyClaim | null): Promise<Begun>;
  /** The same for a call that uses an approval up: `use` is part of the batch, so that of two such calls one begins. */
  beginApproved(intent: CallIntent, detailsText: string, approved: ApprovedClaim): Promise<Begun>;
  /** Writes the outcome and closes the call; `earlier` is kept (sealed, 24 h, up to 64 KiB) for repeats of its idempotency key. */
  end(outcome: CallOutcomeEntry, earlier: EarlierOutcome | null): Promise<void>;
  /** Writes the one record of a call that was not allowed. */
  refuse(entry: CallRefused, detailsText: string): Promise<void>;
  /** At start: gives every intent that has no outcome one, `indeterminate` with code CALL_CUT; returns how many. */
  closeOpenCalls(): Promise<number>;
}
