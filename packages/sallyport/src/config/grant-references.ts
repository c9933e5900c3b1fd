// Holds grants and denials against the operations: a rule that matches nothing, or cannot decide anything, is a mistake.
import type { AgentDefinition } from '../domain/agent.ts';
import type { Denial, Grant } from '../domain/grant.ts';
import type { JsonObject, JsonValue } from '../domain/json-value.ts';
import type { OperationDefinition } from '../domain/operation.ts';
import type { DeclaredParts } from './declared-parts.ts';
import { isJsonList } from './map-reader.ts';
import { suggestion } from './nearest-name.ts';
import type { Spot } from './spot.ts';
import { at, report } from './spot.ts';

/** Reports grants and denials that name no operation, or whose conditions cannot apply. */
export function checkRules(root: Spot, agent: AgentDefinition, parts: DeclaredParts): void {
  for (const rule of [...agent.grants, ...agent.denials]) {
    const isGrant = 'approval' in rule;
    const index = Number(/\[(\d+)\]$/.exec(rule.rule.path)?.[1] ?? 0);
    const spot = at(root, 'agents', agent.id, isGrant ? 'may' : 'may-not', index);
    if (![...parts.operations.names].some((name) => names(rule, name))) {
      const near = rule.operations.endsWith('.*') ? '' : suggestion(rule.operations, parts.operations.names);
      report(spot, `matches no operation${near}`);
      continue;
    }
    for (const operation of parts.operations.values.values()) {
      if (names(rule, operation.id)) checkWhere(at(spot, rule.operations, 'where'), rule, operation);
    }
  }
}

function names(rule: Grant | Denial, operation: string): boolean {
  const { operations } = rule;
  return operations.endsWith('.*') ? operation.startsWith(operations.slice(0, -1)) : operation === operations;
}

function checkWhere(spot: Spot, { where }: Grant | Denial, operation: OperationDefinition): void {
  for (const [name, condition] of Object.entries(where)) {
    const schema = Object.hasOwn(operation.input, name) ? operation.input[name] : undefined;
    const place = at(spot, name);
    if (schema === undefined) {
      report(place, `\`${operation.id}\` has no input \`${name}\`${suggestion(name, Object.keys(operation.input))}`);
      continue;
    }
    for (const keyword of Object.keys(condition)) {
      const types = keywordTypes.get(keyword);
      if (types !== undefined && !mayBe(schema, types)) {
        report(
          at(place, keyword),
          `\`${keyword}\` cannot apply: \`${name}\` of \`${operation.id}\` is never ${types.join(' or ')}`,
        );
      }
    }
  }
}

const numeric = ['integer', 'number'] as const;
const keywordTypes: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['minimum', numeric],
  ['maximum', numeric],
  ['exclusiveMinimum', numeric],
  ['exclusiveMaximum', numeric],
  ['pattern', ['string']],
  ['minLength', ['string']],
  ['maxLength', ['string']],
]);

function mayBe({ type, enum: values, const: constant }: JsonObject, types: readonly string[]): boolean {
  if (type !== undefined)
    return (isJsonList(type) ? type : [type]).some((name) => types.some((wanted) => wanted === name));
  const allowed = isJsonList(values) ? values : [constant ?? null];
  return allowed.some((value: JsonValue) => types.includes(typeof value));
}
