// JSON texts that JSON.parse reads without loss are read by it, natively; whatever might be read in two ways is left to the strict parser.
import type { JsonValue } from './json-value.ts';

/**
 * The value of a text without escapes, duplicate keys, `__proto__`, long or signed-zero numbers, and too many levels; undefined when
 * it may have any of them or is not valid: then the strict parser decides. The text is well-formed UTF-16 without a byte order mark.
 */
export function parsePlainJson(text: string, maxDepth: number): JsonValue | undefined {
  if (text.includes('\\') || text.includes('"__proto__"')) return undefined;
  const keys = countKeys(text);
  if (keys === undefined) return undefined;
  const value = parsed(text);
  // Of two equal keys JSON.parse keeps one: then there are fewer in the value than in the text.
  return value !== undefined && keysWithin(value, maxDepth) === keys ? value : undefined;
}

function parsed(text: string): JsonValue | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJson(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

// What JSON.parse gives is JSON, and never undefined.
function isJson(value: unknown): value is JsonValue {
  return value !== undefined;
}

const quote = 0x22;
const colon = 0x3a;
// Digits, sign, point and exponent of so many characters are exact (see exact-number.ts), but for a zero with a sign.
const maxNumberUnits = 15;

/** How many strings are followed by a colon; undefined where a number needs a closer look. */
function countKeys(text: string): number | undefined {
  let keys = 0;
  let numberUnits = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = text.indexOf('"', at + 1);
      if (at < 0) return undefined;
    } else if (code === colon) {
      keys += 1;
    } else if (isDigit(code) || code === 0x2e) {
      numberUnits += 1;
      if (numberUnits > maxNumberUnits) return undefined;
      continue;
    } else if (code === 0x2d || code === 0x2b || (numberUnits > 0 && (code | 0x20) === 0x65)) {
      return undefined;
    }
    numberUnits = 0;
  }
  return keys;
}

/** The keys of all objects in a value; undefined when it has more levels than allowed. */
function keysWithin(value: JsonValue, depthLeft: number): number | undefined {
  if (value === null || typeof value !== 'object') return 0;
  if (depthLeft === 0) return undefined;
  let keys = 0;
  const fields: readonly JsonValue[] = Array.isArray(value) ? value : Object.values(value);
  if (!Array.isArray(value)) keys += fields.length;
  for (const field of fields) {
    const inner = keysWithin(field, depthLeft - 1);
    if (inner === undefined) return undefined;
    keys += inner;
  }
  return keys;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
