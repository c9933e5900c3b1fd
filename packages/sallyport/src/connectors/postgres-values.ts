// Carries values between JSON and PostgreSQL without loss: numbers as their own text in both directions.
import { SallyportError } from '../domain/errors.ts';
import type { JsonObject, JsonValue } from '../domain/json-value.ts';
import type { OperationInput } from '../domain/operation.ts';
import { parseStrictJson } from '../domain/strict-json.ts';
import { inputValue, isRawNumber, unsafeInput } from './input-values.ts';
import type { ArrayText } from './postgres-array.ts';
import { parseArray } from './postgres-array.ts';

/** A column of a result: its name and the id of its type. */
export interface Column {
  readonly name: string;
  readonly typeId: number;
}

/** A row as it came: texts in the format of each type, in the order of the columns. */
export type RowText = readonly (string | null)[];

// Ids of built-in types (pg_type.dat of PostgreSQL 18; they never change), each with that of its array type.
const types = {
  boolean: [[16, 1000]],
  number: [
    [20, 1016],
    [21, 1005],
    [23, 1007],
    [26, 1028],
    [700, 1021],
    [701, 1022],
    [1700, 1231],
  ],
  bytes: [[17, 1001]],
  json: [
    [114, 199],
    [3802, 3807],
  ],
  time: [
    [1114, 1115],
    [1184, 1185],
  ],
  // char, name, text, varchar, bpchar, date, time, timetz, interval, uuid, inet, cidr
  text: [
    [18, 1002],
    [19, 1003],
    [25, 1009],
    [1043, 1015],
    [1042, 1014],
    [1082, 1182],
    [1083, 1183],
    [1266, 1270],
    [1186, 1187],
    [2950, 2951],
    [869, 1041],
    [650, 651],
  ],
} as const satisfies Readonly<Record<string, readonly (readonly [number, number])[]>>;

const timestamp = /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(\+00)?$/;

type Form = keyof typeof types;

const scalarForms = new Map<number, Form>();
const arrayForms = new Map<number, Form>();
for (const form of ['boolean', 'number', 'bytes', 'json', 'time', 'text'] as const) {
  for (const [id, arrayId] of types[form]) {
    scalarForms.set(id, form);
    arrayForms.set(arrayId, form);
  }
}

/**
 * The values of a statement's parameters as texts, whose types the server infers; an input that was left out is NULL.
 * @throws SallyportError INPUT_UNSAFE for arrays, objects, lone surrogates and U+0000
 */
export function bindTexts(parameters: readonly string[], input: OperationInput): RowText {
  return parameters.map((name) => boundText(name, inputValue(input, name) ?? null));
}

function boundText(name: string, value: JsonValue): string | null {
  if (value === null) return null;
  if (typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (typeof value === 'string') {
    if (!value.isWellFormed() || value.includes('\0')) throw unsafeInput(name, 'holds a character that is refused');
    return value;
  }
  if (isRawNumber(value)) return value.rawJSON;
  throw unsafeInput(name, 'cannot be bound: only texts, booleans, null and numbers can');
}

/**
 * Rows as JSON objects: numbers exact, times in ISO 8601, bytes in base64, JSON as such; types that are not built in as their text.
 * @throws SallyportError UPSTREAM_REPLY_UNREADABLE
 */
export function postgresRows(columns: readonly Column[], rows: readonly RowText[]): readonly JsonObject[] {
  return rows.map((row) =>
    Object.fromEntries(columns.map(({ name, typeId }, index) => [name, cellValue(typeId, row[index] ?? null)])),
  );
}

function cellValue(typeId: number, text: string | null): JsonValue {
  if (text === null) return null;
  const form = arrayForms.get(typeId);
  if (form === undefined) return scalarValue(scalarForms.get(typeId) ?? 'text', text);
  const array = parseArray(text);
  if (array === undefined) throw unreadable();
  return arrayValue(form, array);
}

function arrayValue(form: Form, items: ArrayText): JsonValue {
  return items.map((item) => {
    if (item === null) return null;
    return typeof item === 'string' ? scalarValue(form, item) : arrayValue(form, item);
  });
}

function scalarValue(form: Form, text: string): JsonValue {
  switch (form) {
    case 'boolean':
      return text === 't';
    case 'number':
      // NaN and Infinity are no numbers of JSON.
      return /^-?\d/.test(text) ? json(text) : text;
    case 'bytes':
      if (!/^\\x(?:[0-9a-f]{2})*$/.test(text)) throw unreadable();
      return Buffer.from(text.slice(2), 'hex').toString('base64');
    case 'json':
      return json(text);
    case 'time':
      // The session's style is ISO and its zone UTC; infinity and years BC stay as they are written.
      return isoTime(text);
    case 'text':
      return text;
    default:
      return form satisfies never;
  }
}

function isoTime(text: string): string {
  const [, date, time, zone = ''] = timestamp.exec(text) ?? [];
  return date === undefined ? text : `${date}T${time}${zone === '' ? '' : 'Z'}`;
}

function json(text: string): JsonValue {
  try {
    return parseStrictJson(text, { maxDepth: 100, numbers: 'keep' });
  } catch (cause) {
    throw unreadable(cause);
  }
}

function unreadable(cause?: unknown): SallyportError {
  return new SallyportError('UPSTREAM_REPLY_UNREADABLE', 'the reply of the database cannot be read', { cause });
}
