// One text for one value (RFC 8785): digests, idempotency keys and audit leaves compare and bind texts, not objects.
import type { JsonObject, JsonValue, RawJsonNumber } from './json-value.ts';

// The library types of the compiler do not have this function of ES2026 yet.
const { isRawJSON } = JSON as unknown as { readonly isRawJSON: (value: unknown) => boolean };

/** Whether a value is a number that was kept as its text; an object that only looks like one is not. */
export function isRawJsonNumber(value: unknown): value is RawJsonNumber {
  return isRawJSON(value);
}

/** Canonical JSON: keys sorted by UTF-16 code units, no white space, ECMAScript's number text; numbers kept as text stand verbatim. */
export function canonicalJson(value: JsonValue): string {
  // One native pass writes the same text wherever every object has its keys in order already.
  return isOrdered(value) ? JSON.stringify(value) : orderedText(value);
}

function isOrdered(value: JsonValue): boolean {
  if (value === null || typeof value !== 'object' || isRawJsonNumber(value)) return true;
  if (isArray(value)) return value.every(isOrdered);
  let before: string | null = null;
  for (const key of Object.keys(value)) {
    const field = value[key];
    if ((before !== null && key <= before) || field === undefined) return false;
    if (field !== null && typeof field === 'object' && !isOrdered(field)) return false;
    before = key;
  }
  return true;
}

function orderedText(value: JsonValue): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isRawJsonNumber(value)) return value.rawJSON;
  if (isArray(value)) return `[${value.map(orderedText).join(',')}]`;
  return objectText(value);
}

function objectText(object: JsonObject): string {
  let text = '';
  // The default order of sort() is by UTF-16 code units, as RFC 8785 §3.2.3 asks.
  for (const key of Object.keys(object).sort()) {
    const field = object[key];
    if (field === undefined) continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${orderedText(field)}`;
  }
  return `{${text}}`;
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
