// A condition that no input can meet is a rule that does not say what its author meant: `check` names it.
import type { AgentDefinition } from '../domain/agent.ts';
import type { Denial, Grant } from '../domain/grant.ts';
import type { JsonObject, JsonValue } from '../domain/json-value.ts';
import type { OperationId } from '../domain/operation.ts';
import type { ConfigPath, Problem } from '../domain/problem.ts';
import { isArray, isObject } from './close-schema.ts';
import { type CompiledInputs, fits } from './input-schema.ts';

type Inputs = ReadonlyMap<OperationId, CompiledInputs>;

/** Conditions of an agent's rules that can never hold for the operations that the rule names. */
export function conditionProblems(agent: AgentDefinition, inputs: Inputs): readonly Problem[] {
  return [
    ...agent.grants.flatMap((grant, index) => ruleProblems(grant, ['agents', agent.id, 'may', index], inputs)),
    ...agent.denials.flatMap((denial, index) => ruleProblems(denial, ['agents', agent.id, 'may-not', index], inputs)),
  ];
}

function ruleProblems(rule: Grant | Denial, path: ConfigPath, inputs: Inputs): readonly Problem[] {
  const conditions = Object.entries(rule.where);
  // Most rules have none, and each would be held against every operation.
  if (conditions.length === 0) return [];
  const named = [...inputs].filter(([id]) => isNamed(id, rule.operations)).map(([, compiled]) => compiled);
  if (named.length === 0) return [];
  const problems: Problem[] = [];
  for (const [name, condition] of conditions) {
    const at = [...path, rule.operations, 'where', name];
    const having = named.filter(({ checks }) => checks.has(name));
    if (having.length === 0) {
      problems.push({
        severity: 'warning',
        path: at,
        message: 'no operation that this rule names has an input of this name',
      });
    } else if (!having.some((compiled) => isPossible(condition, name, compiled))) {
      problems.push({
        severity: 'warning',
        path: at,
        message: 'no value of this condition fits the schema of the input',
      });
    }
  }
  return problems;
}

function isPossible(condition: JsonObject, name: string, { schema, checks }: CompiledInputs): boolean {
  const values = listedValues(condition);
  const check = checks.get(name);
  const { properties } = schema;
  const inner = isObject(properties) ? properties[name] : undefined;
  if (values === undefined || check === undefined || !isObject(inner)) return true;
  return values.some((value) => fits(value, inner, check));
}

function listedValues(condition: JsonObject): readonly JsonValue[] | undefined {
  const { const: constant, enum: allowed } = condition;
  if (constant !== undefined) return [constant];
  return isArray(allowed) ? allowed : undefined;
}

function isNamed(operation: OperationId, pattern: string): boolean {
  return pattern.endsWith('.*') ? operation.startsWith(pattern.slice(0, -1)) : operation === pattern;
}
