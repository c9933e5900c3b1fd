// Access to an operation's input that every connector shares: own properties only, exact numbers, errors that hold no value.
import { SallyportError } from '../domain/errors.ts';
import type { JsonValue, RawJsonNumber } from '../domain/json-value.ts';
import type { OperationInput } from '../domain/operation.ts';

declare global {
  // The library types of the compiler do not have this function of ES2026 yet.
  interface JSON {
    isRawJSON(value: unknown): value is RawJsonNumber;
  }
}

/** Whether the value is a number that was kept as its text; an object that merely looks like one is not. */
export function isRawNumber(value: JsonValue): value is RawJsonNumber {
  return JSON.isRawJSON(value);
}

/** An own property of the input; undefined when it was left out. */
export function inputValue(input: OperationInput, name: string): JsonValue | undefined {
  return Object.hasOwn(input, name) ? input[name] : undefined;
}

/** An INPUT_UNSAFE error about one input; names the input and never the value. */
export function unsafeInput(name: string, why: string): SallyportError {
  return new SallyportError('INPUT_UNSAFE', `the input ${name} ${why}`);
}
