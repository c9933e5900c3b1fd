// The port to policy: grants compiled for one agent, and what a decision looks at.
import type { Decision, Denied } from '../domain/decision.ts';
import type { Effect } from '../domain/effect.ts';
import type { OperationId, OperationInput } from '../domain/operation.ts';
import type { RateUsage } from '../domain/rate-usage.ts';

/** What is decided on. */
export interface DecisionSubject {
  readonly operation: OperationId;
  readonly effect: Effect;
  readonly input: OperationInput;
}

/** An agent's grants and denials, compiled. */
export interface CompiledPolicy {
  /**
   * Why the operation does not exist for this agent: no input and no time could make it allowed, because no grant names it,
   * a denial without conditions does, or it does more than every ceiling allows. Null when it is in the agent's view.
   */
  hides(operation: OperationId, effect: Effect): Denied | null;
  /** The one decision function; pure. Denials win; then the first grant that allows; then the first that holds; else the closest reason. */
  decide(subject: DecisionSubject, usage: RateUsage, nowMs: number): Decision;
}
