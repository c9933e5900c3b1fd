// Reads a map of the config key by key and reports every problem in it, unknown keys with the name that was probably meant.
import type { z } from 'zod';
import type { JsonObject, JsonValue } from '../domain/json-value.ts';
import { suggestion } from './nearest-name.ts';
import type { Spot } from './spot.ts';
import { at, report } from './spot.ts';

/** Keys that a later version will know. */
const laterKeys: ReadonlySet<string> = new Set(['alerts', 'rotate', 'store', 'workers', 'scan', 'canaries']);

/** Whether a value is a map. */
export function isJsonMap(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is a list. */
export function isJsonList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** A map being read: what is asked for is known, what is left at `close` is not. */
export class MapReader {
  readonly spot: Spot;
  readonly #fields: JsonObject;
  readonly #known = new Set<string>();

  constructor(spot: Spot, fields: JsonObject) {
    this.spot = spot;
    this.#fields = fields;
  }

  /** The value of a key as written; undefined when it is not there. */
  raw(key: string): JsonValue | undefined {
    this.#known.add(key);
    return Object.hasOwn(this.#fields, key) ? this.#fields[key] : undefined;
  }

  /** The parsed value; undefined after reporting that it is missing or wrong. */
  required<S extends z.ZodType>(key: string, schema: S): z.output<S> | undefined {
    const value = this.raw(key);
    if (value === undefined) return report(at(this.spot, key), `\`${key}\` is missing; it is required here`);
    return readValue(at(this.spot, key), value, schema);
  }

  /** The parsed value; undefined when it is not there, or after reporting that it is wrong. */
  optional<S extends z.ZodType>(key: string, schema: S): z.output<S> | undefined {
    const value = this.raw(key);
    return value === undefined ? undefined : readValue(at(this.spot, key), value, schema);
  }

  /** Reports the keys that nobody asked for. */
  close(): void {
    for (const key of Object.keys(this.#fields)) {
      if (this.#known.has(key)) continue;
      const message = laterKeys.has(key)
        ? `\`${key}\` is not available in this version; remove it`
        : `unknown key \`${key}\`${suggestion(key, this.#known)}`;
      report(at(this.spot, key), message);
    }
  }
}

/** Opens a map; undefined after reporting that it is none. */
export function openMap(spot: Spot, value: JsonValue | undefined): MapReader | undefined {
  if (isJsonMap(value)) return new MapReader(spot, value);
  return report(spot, `must be a map of keys, not ${kindOf(value)}`);
}

/** Parses one value; undefined after reporting what is wrong with it. */
function readValue<S extends z.ZodType>(spot: Spot, value: JsonValue, schema: S): z.output<S> | undefined {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const path = issue.path.filter((key) => typeof key !== 'symbol');
    report(at(spot, ...path), issueText(issue, value));
  }
  return undefined;
}

function issueText(issue: z.core.$ZodIssue, value: JsonValue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${withArticle(issue.expected)}, not ${issue.path.length === 0 ? kindOf(value) : 'this'}`;
    case 'invalid_value':
      return `must be ${issue.values.map((allowed) => `\`${String(allowed)}\``).join(' or ')}`;
    case 'too_big':
      return `is too large; at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'too_small':
      return `is too small; at least ${issue.minimum}${unitOf(issue.origin)}`;
    default:
      return issue.message;
  }
}

function unitOf(origin: string): string {
  return origin === 'string' ? ' characters' : origin === 'array' ? ' items' : '';
}

function withArticle(expected: string): string {
  switch (expected) {
    case 'int':
      return 'a whole number';
    case 'string':
      return 'text';
    case 'array':
      return 'a list';
    case 'boolean':
      return '`true` or `false`';
    default:
      return `a ${expected}`;
  }
}

/** What a value is, in words; never the value itself. */
export function kindOf(value: JsonValue | undefined): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'empty';
  if (isJsonList(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'number':
      return 'a number';
    case 'boolean':
      return '`true` or `false`';
    default:
      return 'a map';
  }
}
