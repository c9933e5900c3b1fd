// The port to policy: grants compiled for one agent, and what a decision looks at.
import type { Decision } from '../domain/decision.ts';
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
  /** Whether the operation exists for this agent: some grant names it and no unconditional denial does. */
  sees(operation: OperationId): boolean;
  /** The one decision function; pure. Denials win; then the first grant that allows; then the first that holds; else the closest reason. */
  decide(subject: DecisionSubject, usage: RateUsage, nowMs: number): Decision;
}
