// Writes one input value as text for a place that holds text: exactly, and only values that have one text.
import type { JsonValue } from '../domain/json-value.ts';
import type { OperationInput, Slot } from '../domain/operation.ts';
import { inputValue, isRawNumber, unsafeInput } from './input-values.ts';

const anyControl = /[\p{Cc}\u2028\u2029]/u;

/**
 * The text of a slot; undefined when it is an input that was left out.
 * @throws SallyportError INPUT_UNSAFE for null, arrays, objects and lone surrogates
 */
export function slotText(slot: Slot, input: OperationInput): string | undefined {
  if (slot.kind === 'fixed') return slot.text;
  const value = inputValue(input, slot.name);
  return value === undefined ? undefined : scalarText(slot.name, value);
}

/**
 * Percent-encodes everything but unreserved characters (RFC 3986 §2.3).
 * @throws SallyportError INPUT_UNSAFE for lone surrogates and U+0000
 */
export function encodeStrict(name: string, text: string): string {
  if (text.includes('\0') || !text.isWellFormed()) throw unsafeInput(name, 'holds a character that is refused');
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** A header value of visible ASCII and inner spaces. @throws SallyportError INPUT_UNSAFE */
export function headerText(name: string, text: string): string {
  if (!/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text)) {
    throw unsafeInput(name, 'cannot stand in a header: use visible ASCII characters');
  }
  return text;
}

/**
 * One path segment, encoded. Whatever a server may take for something other than one plain segment is refused: `.` and `..` in
 * any encoding, slashes, backslashes, control characters, and compatibility forms of them.
 * @throws SallyportError INPUT_UNSAFE
 */
export function pathSegment(name: string, text: string): string {
  for (let decoded: string | undefined = text, rounds = 0; ; rounds += 1) {
    if (decoded === undefined || rounds > 4 || !isPlainSegment(decoded)) {
      throw unsafeInput(
        name,
        'cannot stand in a path: it may hold no slash, backslash, control character or dot segment',
      );
    }
    const next: string | undefined = percentDecoded(decoded);
    if (next === decoded) return encodeStrict(name, text);
    decoded = next;
  }
}

function isPlainSegment(text: string): boolean {
  return [text, text.normalize('NFKC')].every((form) => {
    // `..;x` is taken for `..` by servers that know path parameters.
    const [head = ''] = form.split(';', 1);
    return form !== '' && head !== '.' && head !== '..' && !/[/\\]/.test(form) && !anyControl.test(form);
  });
}

// Undefined when the triplets are not UTF-8: an overlong `.` or `/` is one for a careless server.
function percentDecoded(text: string): string | undefined {
  try {
    return text.replace(/(?:%[0-9a-f]{2})+/gi, (triplets) => decodeURIComponent(triplets));
  } catch {
    return undefined;
  }
}

function scalarText(name: string, value: JsonValue): string {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw unsafeInput(name, 'holds a lone surrogate');
    return value;
  }
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (value !== null && isRawNumber(value)) return value.rawJSON;
  throw unsafeInput(name, 'has no text form: only strings, numbers and booleans can stand here');
}
