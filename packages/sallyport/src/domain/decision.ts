// A decision is a value: allow, hold or deny, with the rule that made it. It is made by one function for every front door.
import type { Rate, RuleReference } from './grant.ts';

/** Why a call was denied, for operators; agents see one answer for the first two. */
export type DenialReason =
  | 'operation-unknown'
  | 'grant-missing'
  | 'denied-by-rule'
  | 'effect-above-ceiling'
  | 'condition-not-met'
  | 'outside-time-window'
  | 'rate-exceeded';

/** The outcome of policy for one call. */
export type Decision =
  | { readonly verdict: 'allow'; readonly rule: RuleReference; readonly rate: Rate | null }
  /** Its rate is taken when the approved call begins, not when it is asked for. */
  | {
      readonly verdict: 'hold';
      readonly rule: RuleReference;
      readonly reason: 'approval-required';
      readonly rate: Rate | null;
    }
  | Denied;

/** A decision against a call. */
export interface Denied {
  readonly verdict: 'deny';
  readonly reason: DenialReason;
  /** The rule that came closest or that denied; null when no rule names the operation. */
  readonly rule: RuleReference | null;
  /** Milliseconds until the rate allows the next call; only for `rate-exceeded`. */
  readonly retryAfterMs: number | null;
}
