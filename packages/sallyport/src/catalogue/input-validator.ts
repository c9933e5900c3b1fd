// What a call's input goes through: copied, defaults filled, checked without coercion, frozen.
import type { ErrorObject } from 'ajv/dist/2020.js';
import type { JsonObject, JsonValue } from '../domain/json-value.ts';
import type { InputIssue } from '../domain/reply.ts';
import type { Validation } from './catalogue.ts';
import { copyInput, fillDefaults, freezeDeep, hasDefaults, pointerSegment } from './copy-input.ts';
import type { SchemaCheck } from './schema-compiler.ts';

const maxIssues = 20;

/** The validation of one operation's input; never changes its argument, never names a value. */
export function createInputValidator(schema: JsonObject, check: SchemaCheck): (input: JsonValue) => Validation {
  const fillsDefaults = hasDefaults(schema);
  return (input) => {
    const copied = copyInput(input);
    if (!copied.ok) return { ok: false, issues: [copied.issue] };
    const { value } = copied;
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      return { ok: false, issues: [{ pointer: '', rule: 'must be object' }] };
    }
    if (fillsDefaults) fillDefaults(value, schema);
    const errors = check(value);
    if (errors.length > 0) return { ok: false, issues: issuesOf(errors) };
    return { ok: true, input: freezeDeep(value) };
  };
}

/** At most 20 issues, each place and rule once. */
function issuesOf(errors: readonly ErrorObject[]): readonly InputIssue[] {
  const issues = new Map<string, InputIssue>();
  for (const error of errors) {
    if (issues.size >= maxIssues) break;
    const issue = issueOf(error);
    issues.set(`${issue.pointer} ${issue.rule}`, issue);
  }
  return [...issues.values()];
}

function issueOf(error: ErrorObject): InputIssue {
  const rule = error.message ?? 'does not fit the schema';
  if (error.keyword !== 'additionalProperties') return { pointer: error.instancePath, rule };
  const unknown: unknown = error.params['additionalProperty'];
  // A key is text that the agent chose: it is repeated only when it looks like the name of an input.
  const isName = typeof unknown === 'string' && /^[A-Za-z_][\w.-]{0,63}$/.test(unknown);
  const pointer = isName ? `${error.instancePath}/${pointerSegment(unknown)}` : error.instancePath;
  return { pointer, rule: 'is not an input that is known here' };
}
