// Input schemas are data, often copied from elsewhere: each is taken over keyword by keyword, and every object in it is closed.
import type { JsonObject, JsonValue } from '../domain/json-value.ts';
import type { ConfigPath, Problem } from '../domain/problem.ts';
import { compilePattern } from '../policy/linear-pattern.ts';
import { formats } from './formats.ts';

/** A schema in which no object takes undeclared keys, or everything that stands in the way. */
export type ClosedSchema =
  | { readonly ok: true; readonly schema: JsonObject }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const maxSchemaDepth = 32;

// What is not here is refused: references could be remote or recursive, and open keys would reach requests unseen.
const keywords: ReadonlySet<string> = new Set([
  'type',
  'const',
  'enum',
  'default',
  'title',
  'description',
  'examples',
  'deprecated',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'items',
  'minItems',
  'maxItems',
  'uniqueItems',
  'properties',
  'required',
  'additionalProperties',
  'minProperties',
  'maxProperties',
  'anyOf',
  'oneOf',
  'allOf',
  'not',
]);

/** Closes the schema of one input; `path` is where it stands in the config. */
export function closeSchema(schema: JsonObject, path: ConfigPath): ClosedSchema {
  const problems: Problem[] = [];
  const closed = close(schema, { path, depth: 1, isOpenAllowed: false, problems });
  return problems.length > 0 ? { ok: false, problems } : { ok: true, schema: closed };
}

/** The object schema over all inputs of an operation, as agents see it. */
export function inputsSchema(inputs: Readonly<Record<string, JsonObject>>, required: readonly string[]): JsonObject {
  return { type: 'object', properties: inputs, required, additionalProperties: false };
}

interface Place {
  readonly path: ConfigPath;
  readonly depth: number;
  /** In a branch of a schema that has a type itself. */
  readonly isOpenAllowed: boolean;
  readonly problems: Problem[];
}

function close(schema: JsonObject, place: Place): JsonObject {
  const say = (message: string, ...at: readonly string[]): void => {
    place.problems.push({ severity: 'error', path: [...place.path, ...at], message });
  };
  if (place.depth > maxSchemaDepth) {
    say(`the schema is nested too deeply; at most ${maxSchemaDepth} levels are allowed`);
    return {};
  }
  for (const keyword of Object.keys(schema)) {
    if (!keywords.has(keyword)) say('this keyword is not supported in inputs; remove it', keyword);
  }
  if (!place.isOpenAllowed && !isTyped(schema)) say('the schema takes any value; write a type, an enum or a const');
  if (hasType(schema, 'array') && !isObject(schema['items'])) say('the list takes any elements; write items');
  checkText(schema, say);
  const closed: Record<string, JsonValue> = { ...schema, ...closedBranches(schema, place) };
  if (!isObjectSchema(schema)) return closed;
  if (schema['additionalProperties'] !== undefined && schema['additionalProperties'] !== false) {
    say('inputs are closed; write additionalProperties: false, or leave it out', 'additionalProperties');
  }
  closed['additionalProperties'] = false;
  return closed;
}

function checkText(schema: JsonObject, say: (message: string, ...at: readonly string[]) => void): void {
  const { pattern, format } = schema;
  if (typeof pattern === 'string') {
    const compiled = compilePattern(pattern);
    if (!compiled.ok) say(`the pattern ${compiled.message}`, 'pattern');
  }
  if (format !== undefined && (typeof format !== 'string' || !Object.hasOwn(formats, format))) {
    say(`this format is not known; write one of ${Object.keys(formats).join(', ')}, or a pattern`, 'format');
  }
}

function closedBranches(schema: JsonObject, place: Place): JsonObject {
  const closed: Record<string, JsonValue> = {};
  const inner = { ...place, depth: place.depth + 1 };
  const { properties, items } = schema;
  if (isObject(properties)) {
    closed['properties'] = Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [
        name,
        isObject(property)
          ? close(property, { ...inner, path: [...place.path, 'properties', name], isOpenAllowed: false })
          : property,
      ]),
    );
  }
  if (isObject(items))
    closed['items'] = close(items, { ...inner, path: [...place.path, 'items'], isOpenAllowed: false });
  const isOpenAllowed = place.isOpenAllowed || hasOwnType(schema);
  for (const keyword of ['anyOf', 'oneOf', 'allOf'] as const) {
    const branches = schema[keyword];
    if (!isArray(branches)) continue;
    closed[keyword] = branches.map((branch, index) => {
      if (!isObject(branch)) return branch;
      const path = [...place.path, keyword, index];
      if (keyword === 'allOf') refuseObject(branch, path, place.problems);
      return close(branch, { ...inner, path, isOpenAllowed: isOpenAllowed || keyword === 'allOf' });
    });
  }
  const { not } = schema;
  if (isObject(not)) {
    const path = [...place.path, 'not'];
    refuseObject(not, path, place.problems);
    closed['not'] = close(not, { ...inner, path, isOpenAllowed: true });
  }
  return closed;
}

// Closed branches of allOf would refuse each other's keys, and a closed `not` would accept what the open one refuses.
function refuseObject(branch: JsonObject, path: ConfigPath, problems: Problem[]): void {
  if (!isObjectSchema(branch)) return;
  problems.push({ severity: 'error', path, message: 'an object schema cannot stand in allOf or not; write it out' });
}

function isTyped(schema: JsonObject): boolean {
  if (hasOwnType(schema)) return true;
  const { anyOf, oneOf, allOf } = schema;
  if ([anyOf, oneOf].some((branches) => isArray(branches) && branches.length > 0 && branches.every(isTypedBranch))) {
    return true;
  }
  return isArray(allOf) && allOf.some(isTypedBranch);
}

function isTypedBranch(branch: JsonValue): boolean {
  return isObject(branch) && isTyped(branch);
}

function hasOwnType(schema: JsonObject): boolean {
  return schema['type'] !== undefined || schema['const'] !== undefined || schema['enum'] !== undefined;
}

function isObjectSchema(schema: JsonObject): boolean {
  return schema['properties'] !== undefined || hasType(schema, 'object');
}

function hasType({ type }: JsonObject, name: string): boolean {
  return type === name || (isArray(type) && type.includes(name));
}

/** Whether a value is a JSON object; a number kept as text is checked for where values come from agents. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return value !== undefined && value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Whether a value is a JSON array. */
export function isArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
