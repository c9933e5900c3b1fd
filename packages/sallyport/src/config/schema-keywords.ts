// The closed list of JSON Schema keywords for inputs, and what each may hold.
import type { JsonObject, JsonValue } from '../domain/json-value.ts';
import { hiddenCharacter } from '../domain/visible-text.ts';
import { isJsonList, isJsonMap } from './map-reader.ts';

/** Types of JSON Schema. */
export const schemaTypes: ReadonlySet<string> = new Set('string integer number boolean array object null'.split(' '));

const formats: ReadonlySet<JsonValue> = new Set(['date', 'date-time', 'uuid']);
const maxTextLength = 1024 * 1024;
const maxListLength = 10_000;

/** Says what is wrong with a keyword's value; undefined when nothing is. */
type Check = (value: JsonValue) => string | undefined;

const anything: Check = (value) => hiddenIn(value);
const text: Check = (value) =>
  typeof value === 'string' && value.length <= 1024 ? hiddenIn(value) : 'must be text of at most 1024 characters';
const finite: Check = (value) => (typeof value === 'number' && Number.isFinite(value) ? undefined : 'must be a number');
const positive: Check = (value) => (typeof value === 'number' && value > 0 ? undefined : 'must be a number above 0');

/** Each keyword that inputs may use, with its check; what is nested is checked where it is read. */
export const schemaKeywords: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['type', () => undefined],
  ['title', text],
  ['description', text],
  ['default', anything],
  ['const', anything],
  ['enum', (value) => (isJsonList(value) && value.length > 0 ? hiddenIn(value) : 'must be a list of values')],
  ['minimum', finite],
  ['maximum', finite],
  ['exclusiveMinimum', finite],
  ['exclusiveMaximum', finite],
  ['multipleOf', positive],
  ['minLength', countUpTo(maxTextLength)],
  ['maxLength', countUpTo(maxTextLength)],
  ['pattern', text],
  ['format', (value) => (formats.has(value) ? undefined : 'must be `date`, `date-time` or `uuid`')],
  ['items', () => undefined],
  ['minItems', countUpTo(maxListLength)],
  ['maxItems', countUpTo(maxListLength)],
  ['uniqueItems', (value) => (typeof value === 'boolean' ? undefined : 'must be `true` or `false`')],
  ['properties', () => undefined],
  ['required', (value) => (isJsonList(value) ? undefined : 'must be a list of property names')],
  ['additionalProperties', (value) => (value === false ? undefined : 'must be `false`: inputs are closed')],
]);

function countUpTo(most: number): Check {
  return (value) => {
    const isCount = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;
    return isCount ? undefined : `must be a whole number from 0 to ${most}`;
  };
}

/** What is wrong with the ranges of a schema taken together: a range that nothing is in. */
export function fragmentFault(schema: JsonObject): string | undefined {
  for (const [least, most] of [
    ['minimum', 'maximum'],
    ['minLength', 'maxLength'],
    ['minItems', 'maxItems'],
  ] as const) {
    const low = schema[least];
    const high = schema[most];
    if (typeof low === 'number' && typeof high === 'number' && low > high) return `\`${least}\` is above \`${most}\``;
  }
  return undefined;
}

/** A1: agents read titles, enum values and defaults as they read descriptions. */
function hiddenIn(value: JsonValue): string | undefined {
  if (typeof value === 'string') {
    const hidden = hiddenCharacter(value);
    return hidden === undefined ? undefined : `the character ${hidden.name} cannot be seen; remove it`;
  }
  const parts = isJsonList(value) ? value : isJsonMap(value) ? [...Object.keys(value), ...Object.values(value)] : [];
  return parts.map(hiddenIn).find((fault) => fault !== undefined);
}
