// Compiles single grants and denials: what they match, on which arguments, at which hours; every fault has its path.
import type { AgentDefinition } from '../domain/agent.ts';
import type { Denial, Grant } from '../domain/grant.ts';
import type { JsonObject } from '../domain/json-value.ts';
import type { OperationId, OperationInput } from '../domain/operation.ts';
import type { ConfigPath, Problem } from '../domain/problem.ts';
import type { Condition, ConditionResult } from './condition.ts';
import { compileCondition } from './condition.ts';
import type { WindowTest } from './time-window.ts';
import { compileTimeWindow } from './time-window.ts';

/** A condition with the name of its argument. */
export interface ArgumentCondition {
  readonly name: string;
  readonly condition: Condition;
}

/** A grant, ready to decide. */
export interface CompiledGrant {
  readonly grant: Grant;
  readonly where: readonly ArgumentCondition[];
  readonly isOpen: WindowTest;
  readonly matches: (operation: OperationId) => boolean;
}

/** A denial, ready to decide. */
export interface CompiledDenial {
  readonly denial: Denial;
  readonly where: readonly ArgumentCondition[];
  readonly matches: (operation: OperationId) => boolean;
}

/** Compiles `may`; faults go to `problems`. */
export function compileGrants(agent: AgentDefinition, problems: Problem[]): readonly CompiledGrant[] {
  return agent.grants.map((grant, index) => {
    const path = ['agents', agent.id, 'may', index, grant.operations];
    const isOpen = grant.during === null ? () => true : compileTimeWindow(grant.during);
    if (isOpen === undefined) problems.push(fault([...path, 'during'], 'is not a time window in a known time zone'));
    if (grant.rate !== null && !isRate(grant.rate))
      problems.push(fault([...path, 'rate'], 'is not a count in a window'));
    const where = compileWhere(path, grant.where, problems);
    return { grant, where, isOpen: isOpen ?? (() => false), matches: matcher(grant.operations) };
  });
}

/** Compiles `may-not`; faults go to `problems`. */
export function compileDenials(agent: AgentDefinition, problems: Problem[]): readonly CompiledDenial[] {
  return agent.denials.map((denial, index) => {
    const path = ['agents', agent.id, 'may-not', index, denial.operations];
    return { denial, where: compileWhere(path, denial.where, problems), matches: matcher(denial.operations) };
  });
}

/** Whether all conditions hold; read from own keys only, and an argument that is not there meets nothing. */
export function conditionsResult(where: readonly ArgumentCondition[], input: OperationInput): ConditionResult {
  let result: ConditionResult = 'met';
  for (const { name, condition } of where) {
    const one = condition(Object.hasOwn(input, name) ? input[name] : undefined);
    if (one === 'unmet') return 'unmet';
    if (one === 'unknown') result = 'unknown';
  }
  return result;
}

function compileWhere(
  path: ConfigPath,
  where: Readonly<Record<string, JsonObject>>,
  problems: Problem[],
): readonly ArgumentCondition[] {
  const conditions: ArgumentCondition[] = [];
  for (const [name, fragment] of Object.entries(where)) {
    const compiled = compileCondition([...path, 'where', name], fragment);
    if (compiled.ok) conditions.push({ name, condition: compiled.condition });
    else problems.push(...compiled.problems);
  }
  return conditions;
}

// The dot belongs to the prefix: `orders.*` is not `orders-archive.list`.
function matcher(operations: string): (operation: OperationId) => boolean {
  if (!operations.endsWith('.*')) return (operation) => operation === operations;
  const prefix = operations.slice(0, -1);
  return (operation) => operation.startsWith(prefix);
}

function isRate({ count, windowMs }: { readonly count: number; readonly windowMs: number }): boolean {
  return Number.isInteger(count) && count > 0 && Number.isFinite(windowMs) && windowMs > 0;
}

function fault(path: ConfigPath, message: string): Problem {
  return { severity: 'error', path, message };
}
