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

  constructor(place: Place, rule: string) {
    super(rule);
    this.issue = { pointer: pointerTo(place), rule };
  }
}

/** Copies a JSON value: plain data only, well-formed text, at most 100 000 values in at most 64 levels. */
export function copyInput(input: JsonValue): Copy {
  try {
    return { ok: true, value: new Copier().copy(input, root) };
  } catch (error) {
    if (error instanceof Uncopiable) return { ok: false, issue: error.issue };
    throw error;
  }
}

/** Where a value stands; a pointer is written only for one that cannot be copied. */
interface Place {
  readonly parent: Place | null;
  readonly key: string | number;
  readonly depth: number;
}

const root: Place = { parent: null, key: '', depth: 0 };

function pointerTo({ parent, key }: Place): string {
  return parent === null ? '' : `${pointerTo(parent)}/${pointerSegment(String(key))}`;
}

class Copier {
  #budget = maxValues;

  copy(value: JsonValue, place: Place): OwnedValue {
    this.#budget -= 1;
    if (this.#budget < 0) throw new Uncopiable(root, `must hold at most ${maxValues} values`);
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'string') return text(value, place);
    if (typeof value === 'number') {
      if (!Number.isFinite(value) || Object.is(value, -0)) throw new Uncopiable(place, 'must be an exact number');
      return value;
    }
    // A number that was kept as text is an object to everyone else.
    if (isRawJsonNumber(value)) throw new Uncopiable(place, 'must be an exact number');
    if (place.depth >= maxDepth) throw new Uncopiable(place, 'must not be nested so deeply');
    if (isArray(value)) return value.map((item, index) => this.copy(item, inside(place, index)));
    if (isObject(value)) return this.#object(value, place);
    throw new Uncopiable(place, 'must be JSON');
  }

  #object(object: JsonObject, place: Place): OwnedObject {
    const owned = ownedObject();
    for (const key of Object.keys(object)) {
      if (key === '__proto__') throw new Uncopiable(place, 'must not have the key __proto__');
      if (!key.isWellFormed()) throw new Uncopiable(place, 'must have well-formed keys');
      const field = object[key];
      if (field === undefined) throw new Uncopiable(inside(place, key), 'must be JSON');
      owned[key] = this.copy(field, inside(place, key));
    }
    return owned;
  }
}

function text(value: string, place: Place): string {
  if (value.isWellFormed() && !value.includes('\u0000')) return value;
  throw new Uncopiable(place, 'must be well-formed text');
}

function inside(parent: Place, key: string | number): Place {
  return { parent, key, depth: parent.depth + 1 };
}

/** A key as a segment of a JSON pointer (RFC 6901 §3). */
export function pointerSegment(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

// Without properties, and frozen. An object whose prototype is null itself would be a dictionary to the engine, slow in every use.
const nothing: OwnedObject = Object.freeze({ __proto__: null });

/** An empty object that inherits nothing: reading an undeclared name gives undefined. */
function ownedObject(): OwnedObject {
  return { __proto__: nothing };
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
      value[name] = new Copier().copy(fallback, root);
    }
    const field = value[name];
    if (field !== undefined) fillDefaults(field, property);
  }
}

/** Whether a schema has a default at any level that `fillDefaults` reaches. */
export function hasDefaults({ default: own, properties, items }: JsonObject): boolean {
  if (own !== undefined) return true;
  if (isObject(items) && hasDefaults(items)) return true;
  return (
    isObject(properties) && Object.values(properties).some((property) => isObject(property) && hasDefaults(property))
  );
}

/** Freezes a copy and everything in it. */
export function freezeDeep<T extends OwnedValue>(value: T): T {
  if (value === null || typeof value !== 'object') return value;
  for (const field of Object.values(value)) freezeDeep(field);
  return Object.freeze(value);
}
