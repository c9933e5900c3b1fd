// Carries values between JSON and SQLite without loss: integers stay exact in both directions.
import type { JsonObject, JsonValue } from '../domain/json-value.ts';
import type { OperationInput } from '../domain/operation.ts';
import { parseStrictJson } from '../domain/strict-json.ts';
import { inputValue, isRawNumber, unsafeInput } from './input-values.ts';
import type { BoundValue, Cell } from './sqlite-protocol.ts';

const smallestInteger = -(2n ** 63n);
const greatestInteger = 2n ** 63n - 1n;

/**
 * The values of a statement's parameters; an input that was left out is NULL.
 * @throws SallyportError INPUT_UNSAFE for arrays, objects, lone surrogates, and numbers that SQLite cannot hold exactly
 */
export function bindValues(parameters: readonly string[], input: OperationInput): Readonly<Record<string, BoundValue>> {
  return Object.fromEntries(parameters.map((name) => [name, boundValue(name, inputValue(input, name) ?? null)]));
}

/** Rows as JSON objects in the order of the columns. */
export function rowObjects(columns: readonly string[], rows: readonly (readonly Cell[])[]): readonly JsonObject[] {
  return rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, cellValue(row[index] ?? null)])));
}

function boundValue(name: string, value: JsonValue): BoundValue {
  if (value === null) return null;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'string') {
    // The engine ends a text at U+0000 in some of its functions: what is compared would not be what is stored.
    if (!value.isWellFormed() || value.includes('\0')) throw unsafeInput(name, 'holds a character that is refused');
    return value;
  }
  // The driver binds a number as REAL; only a bigint is an INTEGER.
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (isRawNumber(value) && /^-?\d+$/.test(value.rawJSON)) {
    const exact = BigInt(value.rawJSON);
    if (exact >= smallestInteger && exact <= greatestInteger) return exact;
  }
  throw unsafeInput(name, 'cannot be bound: only strings, booleans, null and numbers that SQLite holds exactly can');
}

function cellValue(cell: Cell): JsonValue {
  return typeof cell === 'bigint' ? parseStrictJson(String(cell), { maxDepth: 1, numbers: 'keep' }) : cell;
}
