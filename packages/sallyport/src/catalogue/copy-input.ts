// The caller's object is copied before it is judged, so that nothing can change, hide or inherit a value after the check.
import { isRawJsonNumber } from '../domain/canonical-json.ts';
import type { JsonObject, JsonValue } from '../domain/json-value.ts';
import type { InputIssue } from '../domain/reply.ts';
import { isArray, isObject } from './close-schema.ts';

/** A value that may be changed until it is frozen. */
export type OwnedValue = null | boolean | number | string | OwnedValue[] | OwnedObject;

/** An object without prototype. */
export interface OwnedObject {
  [key: string]: OwnedValue;
}

/** The copy, or what of the input cannot be one. */
export type Copy =
  | { readonly ok: true; readonly value: OwnedValue }
  | { readonly ok: false; readonly issue: InputIssue };

// More than these no operation needs; they bound what a validator that collects every issue can be made to do.
const maxValues = 100_000;
const maxDepth = 64;

class Uncopiable extends Error {
  readonly issue: InputIssue;

  constructor(pointer: string, rule: string) {
    super(rule);
    this.issue = { pointer, rule };
  }
}

/** Copies a JSON value: plain data only, well-formed text, at most 100 000 values in at most 64 levels. */
export function copyInput(input: JsonValue): Copy {
  try {
    return { ok: true, value: copy(input, { pointer: '', depth: 0, budget: { values: maxValues } }) };
  } catch (error) {
    if (error instanceof Uncopiable) return { ok: false, issue: error.issue };
    throw error;
  }
}

interface Place {
  readonly pointer: string;
  readonly depth: number;
  readonly budget: { values: number };
}

function copy(value: JsonValue, place: Place): OwnedValue {
  place.budget.values -= 1;
  if (place.budget.values < 0) throw new Uncopiable('', `must hold at most ${maxValues} values`);
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') {
    if (!value.isWellFormed() || value.includes('\u0000'))
      throw new Uncopiable(place.pointer, 'must be well-formed text');
    return value;
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value) || Object.is(value, -0)) throw new Uncopiable(place.pointer, 'must be an exact number');
    return value;
  }
  // A number that was kept as text is an object to everyone else.
  if (isRawJsonNumber(value)) throw new Uncopiable(place.pointer, 'must be an exact number');
  if (place.depth >= maxDepth) throw new Uncopiable(place.pointer, 'must not be nested so deeply');
  if (isArray(value)) return value.map((item, index) => copy(item, inside(place, String(index))));
  if (isObject(value)) return copyObject(value, place);
  throw new Uncopiable(place.pointer, 'must be JSON');
}

function copyObject(object: JsonObject, place: Place): OwnedObject {
  const owned = ownedObject();
  for (const [key, field] of Object.entries(object)) {
    if (key === '__proto__') throw new Uncopiable(place.pointer, 'must not have the key __proto__');
    if (!key.isWellFormed()) throw new Uncopiable(place.pointer, 'must have well-formed keys');
    owned[key] = copy(field, inside(place, key));
  }
  return owned;
}

function inside(place: Place, key: string): Place {
  return { ...place, pointer: `${place.pointer}/${pointerSegment(key)}`, depth: place.depth + 1 };
}

/** A key as a segment of a JSON pointer (RFC 6901 §3). */
export function pointerSegment(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** An empty object that inherits nothing: reading an undeclared name gives undefined. */
function ownedObject(): OwnedObject {
  return { __proto__: null };
}

/** Fills the defaults of the schema into a copy, at every level that is reached through `properties` and `items`. */
export function fillDefaults(value: OwnedValue, schema: JsonObject): void {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (isObject(items)) for (const item of value) fillDefaults(item, items);
    return;
  }
  const { properties } = schema;
  if (value === null || typeof value !== 'object' || !isObject(properties)) return;
  for (const [name, property] of Object.entries(properties)) {
    if (!isObject(property)) continue;
    const fallback = property['default'];
    if (value[name] === undefined && fallback !== undefined) {
      value[name] = copy(fallback, { pointer: '', depth: 0, budget: { values: maxValues } });
    }
    const field = value[name];
    if (field !== undefined) fillDefaults(field, property);
  }
}

/** Freezes a copy and everything in it. */
export function freezeDeep<T extends OwnedValue>(value: T): T {
  if (value === null || typeof value !== 'object') return value;
  for (const field of Object.values(value)) freezeDeep(field);
  return Object.freeze(value);
}
