// Compiles a condition on one argument: a JSON Schema fragment of const, enum, pattern and ranges, decided without coercion.
import { canonicalJson, isRawJsonNumber } from '../domain/canonical-json.ts';
import type { JsonObject, JsonValue } from '../domain/json-value.ts';
import type { ConfigPath, Problem } from '../domain/problem.ts';
import { compilePattern } from './linear-pattern.ts';

/**
 * How an argument stands to a condition. `unknown`: it cannot be compared exactly; a grant then does not hold, and a denial
 * does.
 */
export type ConditionResult = 'met' | 'unmet' | 'unknown';

/** Decides one argument; `undefined` stands for an argument that was left out, which meets nothing. */
export type Condition = (value: JsonValue | undefined) => ConditionResult;

/** A compiled condition, or everything that is wrong with it. */
export type CompiledCondition =
  | { readonly ok: true; readonly condition: Condition }
  | { readonly ok: false; readonly problems: readonly Problem[] };

type Check = (value: JsonValue) => ConditionResult;
type KeywordCompiler = (operand: JsonValue) => Check | string;

/** Compiles the fragment that stands at `path`. */
export function compileCondition(path: ConfigPath, fragment: JsonObject): CompiledCondition {
  const checks: Check[] = [];
  const problems: Problem[] = [];
  const report = (at: ConfigPath, message: string) => problems.push({ severity: 'error', path: at, message });
  for (const [keyword, operand] of Object.entries(fragment)) {
    const compiled = keywords.get(keyword)?.(operand) ?? `is no condition; use ${[...keywords.keys()].join(', ')}`;
    if (typeof compiled === 'string') report([...path, keyword], `\`${keyword}\` ${compiled}`);
    else checks.push(compiled);
  }
  if (Object.keys(fragment).length === 0) report(path, 'an empty condition holds for everything; say what must hold');
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, condition: (value) => (value === undefined ? 'unmet' : all(checks, value)) };
}

// P10: one comparison that is false decides; one that cannot be made leaves nothing better than `unknown`.
function all(checks: readonly Check[], value: JsonValue): ConditionResult {
  let result: ConditionResult = 'met';
  for (const check of checks) {
    const one = check(value);
    if (one === 'unmet') return 'unmet';
    if (one === 'unknown') result = 'unknown';
  }
  return result;
}

const keywords: ReadonlyMap<string, KeywordCompiler> = new Map<string, KeywordCompiler>([
  ['const', (operand) => equalsOneOf([operand])],
  [
    'enum',
    (operand) =>
      isList(operand) && operand.length > 0 ? equalsOneOf(operand) : 'must be a list of at least one value',
  ],
  ['pattern', compilePatternKeyword],
  ['minimum', compareNumber((value, bound) => value >= bound)],
  ['maximum', compareNumber((value, bound) => value <= bound)],
  ['exclusiveMinimum', compareNumber((value, bound) => value > bound)],
  ['exclusiveMaximum', compareNumber((value, bound) => value < bound)],
  ['minLength', compareLength((length, bound) => length >= bound)],
  ['maxLength', compareLength((length, bound) => length <= bound)],
]);

function compilePatternKeyword(operand: JsonValue): Check | string {
  if (typeof operand !== 'string') return 'must be text';
  const pattern = compilePattern(operand);
  return pattern.ok ? (value) => met(typeof value === 'string' && pattern.test(value)) : pattern.message;
}

function compareNumber(holds: (value: number, bound: number) => boolean): KeywordCompiler {
  return (bound) => {
    if (typeof bound !== 'number' || !Number.isFinite(bound)) return 'must be a finite number';
    return (value) => {
      if (isRawJsonNumber(value)) return 'unknown';
      if (typeof value !== 'number') return 'unmet';
      return Number.isFinite(value) ? met(holds(value, bound)) : 'unknown';
    };
  };
}

// JSON Schema counts characters, not UTF-16 units.
function compareLength(holds: (length: number, bound: number) => boolean): KeywordCompiler {
  return (bound) => {
    if (typeof bound !== 'number' || !Number.isInteger(bound) || bound < 0) return 'must be a whole number from 0';
    return (value) => met(typeof value === 'string' && holds(Array.from(value).length, bound));
  };
}

// Equal canonical texts are equal JSON values: objects whatever the order of their keys, numbers whatever their spelling.
function equalsOneOf(allowed: readonly JsonValue[]): Check {
  const texts = new Set(allowed.map(canonicalJson));
  return (value) => {
    if (!isExact(value)) return 'unknown';
    return met(texts.has(canonicalJson(value)));
  };
}

function isExact(value: JsonValue): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (value === null || typeof value !== 'object') return true;
  if (isRawJsonNumber(value)) return false;
  return Object.values(value).every(isExact);
}

function met(holds: boolean): ConditionResult {
  return holds ? 'met' : 'unmet';
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
