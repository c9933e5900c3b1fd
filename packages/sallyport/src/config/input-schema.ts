// Holds input schemas to a closed, bounded part of JSON Schema 2020-12: what an agent may send has a largest size.
import type { JsonObject, JsonValue } from '../domain/json-value.ts';
import type { DeclaredInput } from './input-scope.ts';
import { isJsonList, isJsonMap, kindOf, openMap } from './map-reader.ts';
import { isInputName } from './names.ts';
import { suggestion } from './nearest-name.ts';
import { fragmentFault, schemaKeywords, schemaTypes } from './schema-keywords.ts';
import type { Spot } from './spot.ts';
import { at, report } from './spot.ts';

const maxDepth = 8;
const maxEnumValues = 1000;
const maxSchemaBytes = 64 * 1024;
const maxInputs = 100;

/** Reads `input`; an input that is wrong is reported and there as undefined, so that its name is known. */
export function readInputs(spot: Spot, value: JsonValue | undefined): ReadonlyMap<string, DeclaredInput | undefined> {
  const inputs = new Map<string, DeclaredInput | undefined>();
  if (value === undefined) return inputs;
  if (!isJsonMap(value)) {
    openMap(spot, value);
    return inputs;
  }
  if (Object.keys(value).length > maxInputs) report(spot, `has more than ${maxInputs} inputs`);
  if (JSON.stringify(value).length > maxSchemaBytes) report(spot, 'is larger than 64 KiB');
  for (const [name, fragment] of Object.entries(value)) {
    if (!isInputName(name))
      report(at(spot, name), 'an input is named by letters, digits and `_`, at most 64, no digit first');
    inputs.set(name, readInput(at(spot, name), fragment));
  }
  return inputs;
}

function readInput(spot: Spot, fragment: JsonValue): DeclaredInput | undefined {
  if (!isJsonMap(fragment)) return report(spot, `must be a JSON Schema, not ${kindOf(fragment)}`);
  const { optional, ...written } = fragment;
  if (optional !== undefined && typeof optional !== 'boolean')
    report(at(spot, 'optional'), 'must be `true` or `false`');
  const schema = readSchema(spot, written, 1);
  return { schema, isOptional: optional === true || Object.hasOwn(written, 'default') };
}

function readSchema(spot: Spot, schema: JsonObject, depth: number): JsonObject {
  if (depth > maxDepth) {
    report(spot, `is nested deeper than ${maxDepth} levels`);
    return schema;
  }
  for (const [key, value] of Object.entries(schema)) {
    if (!schemaKeywords.has(key))
      report(at(spot, key), `\`${key}\` is not a keyword for inputs${suggestion(key, schemaKeywords.keys())}`);
    const fault = schemaKeywords.get(key)?.(value);
    if (fault !== undefined) report(at(spot, key), fault);
  }
  const types = typesOf(spot, schema);
  checkBounds(spot, schema, types);
  const ranges = fragmentFault(schema);
  if (ranges !== undefined) report(spot, ranges);
  return { ...schema, ...readItems(spot, schema, depth), ...readProperties({ spot, schema, types, depth }) };
}

function typesOf(spot: Spot, { type, enum: values, const: constant }: JsonObject): ReadonlySet<JsonValue> {
  if (type === undefined) {
    if (values === undefined && constant === undefined) report(spot, '`type` is missing; or list the values in `enum`');
    return new Set();
  }
  const types = new Set(isJsonList(type) ? type : [type]);
  const isKnown = types.size > 0 && [...types].every((name) => typeof name === 'string' && schemaTypes.has(name));
  if (!isKnown) report(at(spot, 'type'), `must be ${[...schemaTypes].join(', ')}, or a list of these`);
  return types;
}

function checkBounds(spot: Spot, schema: JsonObject, types: ReadonlySet<JsonValue>): void {
  const { enum: values } = schema;
  if (isJsonList(values) && values.length > maxEnumValues)
    report(at(spot, 'enum'), `has more than ${maxEnumValues} values`);
  if (values !== undefined || schema.const !== undefined) return;
  if (types.has('string') && schema.maxLength === undefined && schema.format === undefined) {
    report(spot, 'text needs a `maxLength` (or `enum`, `const` or `format`): inputs are bounded');
  }
  if (types.has('array') && schema.maxItems === undefined) report(spot, 'a list needs `maxItems`: inputs are bounded');
  if (types.has('array') && schema.items === undefined)
    report(spot, 'a list needs `items`, the schema of its elements');
  if (types.has('object') && schema.properties === undefined)
    report(spot, 'a map needs `properties`: inputs are closed');
}

function readItems(spot: Spot, { items }: JsonObject, depth: number): { readonly items?: JsonObject } {
  if (items === undefined) return {};
  if (isJsonMap(items)) return { items: readSchema(at(spot, 'items'), items, depth + 1) };
  report(at(spot, 'items'), `must be a JSON Schema, not ${kindOf(items)}`);
  return {};
}

interface ObjectSchema {
  readonly spot: Spot;
  readonly schema: JsonObject;
  readonly types: ReadonlySet<JsonValue>;
  readonly depth: number;
}

// Maps within inputs are closed here, so that what agents are shown says it too.
function readProperties({ spot, schema, types, depth }: ObjectSchema): JsonObject {
  const { properties: written, required } = schema;
  if (!isJsonMap(written)) {
    if (written !== undefined)
      report(at(spot, 'properties'), `must be a map of names to schemas, not ${kindOf(written)}`);
    return types.has('object') ? { additionalProperties: false } : {};
  }
  const properties: Record<string, JsonValue> = {};
  for (const [name, fragment] of Object.entries(written)) {
    const place = at(spot, 'properties', name);
    if (!/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/.test(name))
      report(place, 'must be a name of letters, digits, `_`, `-` and `.`');
    if (isJsonMap(fragment)) properties[name] = readSchema(place, fragment, depth + 1);
    else report(place, `must be a JSON Schema, not ${kindOf(fragment)}`);
  }
  for (const [index, name] of (isJsonList(required) ? required : []).entries()) {
    if (typeof name !== 'string' || !Object.hasOwn(written, name))
      report(at(spot, 'required', index), 'names no property');
  }
  return { properties, additionalProperties: false };
}
