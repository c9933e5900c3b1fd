// Which inputs are one text, number or boolean: only those can be bound to a parameter or stand in a path.
import type { JsonArray, JsonObject, JsonValue } from './json-value.ts';

const scalarTypes: ReadonlySet<JsonValue> = new Set(['string', 'integer', 'number', 'boolean']);

/** Whether a schema, as written, allows nothing but texts, numbers and booleans. */
export function isScalarSchema({ type, enum: values, const: value }: JsonObject): boolean {
  if (type !== undefined) return (isList(type) ? type : [type]).every((name) => scalarTypes.has(name));
  const allowed = isList(values) ? values : [value ?? null];
  return allowed.every((item) => item !== null && typeof item !== 'object');
}

function isList(value: JsonValue | undefined): value is JsonArray {
  return Array.isArray(value);
}
