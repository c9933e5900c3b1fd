// JSON from outside is parsed once, by the letter of RFC 8259: JSON.parse keeps the last of two equal keys and rounds numbers.
import { SallyportError } from './errors.ts';
import { isExactNumber } from './exact-number.ts';
import type { JsonValue, RawJsonNumber } from './json-value.ts';
import { parsePlainJson } from './plain-json.ts';

/** How strictly to parse. */
export interface StrictJsonOptions {
  /** Containers within containers, 1 to 500; deeper is refused. The limit keeps the stack safe. */
  readonly maxDepth: number;
  /** A number that a double does not hold exactly: refused, or kept as its text (`JSON.rawJSON`). */
  readonly numbers: 'refuse' | 'keep';
}

const greatestDepth = 500;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

// The library types of the compiler do not have this function of ES2026 yet.
const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => RawJsonNumber };

/**
 * Text of UTF-8 bytes; a byte order mark is kept, so that the parser refuses it.
 * @throws SallyportError REQUEST_JSON_TEXT
 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new SallyportError('REQUEST_JSON_TEXT', 'the text is not valid UTF-8; send UTF-8');
  }
}

/**
 * The value of a JSON text: no duplicate key, no `__proto__`, no rounded number, no lone surrogate, no U+0000, nothing after the value.
 * @throws SallyportError REQUEST_JSON, REQUEST_JSON_DUPLICATE_KEY, REQUEST_JSON_NUMBER, REQUEST_JSON_DEPTH, REQUEST_JSON_TEXT
 */
export function parseStrictJson(text: string, options: StrictJsonOptions): JsonValue {
  const plain = text.isWellFormed() ? parsePlainJson(text, Math.min(options.maxDepth, greatestDepth)) : undefined;
  return plain === undefined ? new Parser(text, options).document() : plain;
}

const quote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const zero = 0x30;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
// Integers of so many digits are exact whatever the digits are.
const safeDigits = 15;

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

type Code = 'REQUEST_JSON' | `REQUEST_JSON_${'DUPLICATE_KEY' | 'NUMBER' | 'DEPTH' | 'TEXT'}`;

class Parser {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #keepsNumbers: boolean;
  #at = 0;
  #depth = 0;

  constructor(text: string, options: StrictJsonOptions) {
    this.#text = text;
    this.#maxDepth = Math.min(options.maxDepth, greatestDepth);
    this.#keepsNumbers = options.numbers === 'keep';
  }

  document(): JsonValue {
    if (this.#text.charCodeAt(0) === 0xfeff) {
      throw this.#error('REQUEST_JSON_TEXT', 'a byte order mark is not allowed');
    }
    // Raw surrogates are judged here in one native pass; escaped ones where they are decoded.
    if (!this.#text.isWellFormed()) throw this.#error('REQUEST_JSON_TEXT', 'the text has a lone surrogate');
    this.#skipSpace();
    const value = this.#value();
    if (this.#at < this.#text.length) throw this.#error('REQUEST_JSON', 'expected the end of the text');
    return value;
  }

  /** Leaves the position at the next code unit that is not white space, like every method below. */
  #value(): JsonValue {
    const code = this.#text.charCodeAt(this.#at);
    if (code === quote) return this.#string();
    if (code === openBrace) return this.#object();
    if (code === openBracket) return this.#array();
    if (code === minus || isDigit(code)) return this.#number();
    if (code === 0x74) return this.#word('true', true);
    if (code === 0x66) return this.#word('false', false);
    if (code === 0x6e) return this.#word('null', null);
    throw this.#error('REQUEST_JSON', 'expected a value');
  }

  #word<T extends boolean | null>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#error('REQUEST_JSON', 'expected a value');
    this.#at += word.length;
    this.#skipSpace();
    return value;
  }

  #object(): JsonValue {
    this.#open();
    const object: Record<string, JsonValue> = {};
    if (this.#text.charCodeAt(this.#at) === closeBrace) return this.#close(object);
    for (;;) {
      const keyAt = this.#at;
      if (this.#text.charCodeAt(keyAt) !== quote) throw this.#error('REQUEST_JSON', 'expected a key in double quotes');
      const key = this.#string();
      // Assigned to an object, this key would set the prototype instead.
      if (key === '__proto__') throw this.#error('REQUEST_JSON', 'the key __proto__ is not allowed', keyAt);
      if (Object.hasOwn(object, key)) {
        throw this.#error('REQUEST_JSON_DUPLICATE_KEY', 'the key stands in this object already', keyAt);
      }
      if (this.#text.charCodeAt(this.#at) !== colon) throw this.#error('REQUEST_JSON', 'expected a colon');
      this.#step();
      object[key] = this.#value();
      const code = this.#text.charCodeAt(this.#at);
      if (code === closeBrace) return this.#close(object);
      if (code !== comma) throw this.#error('REQUEST_JSON', 'expected a comma or the end of the object');
      this.#step();
    }
  }

  #array(): JsonValue {
    this.#open();
    const array: JsonValue[] = [];
    if (this.#text.charCodeAt(this.#at) === closeBracket) return this.#close(array);
    for (;;) {
      array.push(this.#value());
      const code = this.#text.charCodeAt(this.#at);
      if (code === closeBracket) return this.#close(array);
      if (code !== comma) throw this.#error('REQUEST_JSON', 'expected a comma or the end of the array');
      this.#step();
    }
  }

  #open(): void {
    this.#depth += 1;
    if (this.#depth > this.#maxDepth) throw this.#error('REQUEST_JSON_DEPTH', 'the value is nested too deeply');
    this.#step();
  }

  #close<T>(container: T): T {
    this.#depth -= 1;
    this.#step();
    return container;
  }

  #string(): string {
    const text = this.#text;
    const start = this.#at + 1;
    for (let at = start; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === quote) {
        this.#at = at;
        this.#step();
        return text.slice(start, at);
      }
      if (code === backslash) return this.#escapedString(start, at);
      if (code < 0x20) throw this.#error('REQUEST_JSON', 'a control character must be escaped', at);
    }
    throw this.#error('REQUEST_JSON', 'the string does not end', text.length);
  }

  #escapedString(start: number, firstEscape: number): string {
    const text = this.#text;
    let result = '';
    let from = start;
    for (let at = firstEscape; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === quote) {
        result += text.slice(from, at);
        if (!result.isWellFormed()) throw this.#error('REQUEST_JSON_TEXT', 'the string has a lone surrogate', start);
        this.#at = at;
        this.#step();
        return result;
      }
      if (code < 0x20) throw this.#error('REQUEST_JSON', 'a control character must be escaped', at);
      if (code !== backslash) continue;
      result += text.slice(from, at) + this.#escape(at);
      at += text.charCodeAt(at + 1) === 0x75 ? 5 : 1;
      from = at + 1;
    }
    throw this.#error('REQUEST_JSON', 'the string does not end', text.length);
  }

  #escape(at: number): string {
    const letter = this.#text.charAt(at + 1);
    const short = shortEscapes[letter];
    if (short !== undefined) return short;
    const digits = this.#text.slice(at + 2, at + 6);
    if (letter !== 'u' || !/^[0-9a-fA-F]{4}$/.test(digits)) throw this.#error('REQUEST_JSON', 'unknown escape', at);
    const code = Number.parseInt(digits, 16);
    if (code === 0) throw this.#error('REQUEST_JSON_TEXT', 'the character U+0000 is not allowed', at);
    return String.fromCharCode(code);
  }

  #number(): number | RawJsonNumber {
    const text = this.#text;
    const start = this.#at;
    let at = start;
    let code = text.charCodeAt(at);
    let integer = 0;
    if (code === zero) {
      at += 1;
      code = text.charCodeAt(at);
    } else {
      for (; isDigit(code) && at - start <= safeDigits; code = text.charCodeAt(at)) {
        integer = integer * 10 + (code - zero);
        at += 1;
      }
    }
    // Nearly every number is a short integer without sign, and needs no look at its text.
    if (at === start || at - start > safeDigits || isDigit(code) || code === 0x2e || (code | 0x20) === 0x65) {
      return this.#longNumber(start);
    }
    this.#at = at;
    this.#skipSpace();
    return integer;
  }

  #longNumber(start: number): number | RawJsonNumber {
    let at = this.#text.charCodeAt(start) === minus ? start + 1 : start;
    at = this.#text.charCodeAt(at) === zero ? at + 1 : this.#digits(at);
    if (this.#text.charCodeAt(at) === 0x2e) at = this.#digits(at + 1);
    if ((this.#text.charCodeAt(at) | 0x20) === 0x65) {
      const sign = this.#text.charCodeAt(at + 1);
      at = this.#digits(sign === minus || sign === 0x2b ? at + 2 : at + 1);
    }
    const literal = this.#text.slice(start, at);
    const value = Number(literal);
    const isExact = isExactNumber(literal, value);
    if (!isExact && !this.#keepsNumbers) {
      throw this.#error('REQUEST_JSON_NUMBER', 'the number would be changed by rounding; send it as a string', start);
    }
    this.#at = at;
    this.#skipSpace();
    return isExact ? value : rawJSON(literal);
  }

  #digits(from: number): number {
    let at = from;
    while (isDigit(this.#text.charCodeAt(at))) at += 1;
    if (at === from) throw this.#error('REQUEST_JSON', 'expected a digit', at);
    return at;
  }

  #step(): void {
    this.#at += 1;
    this.#skipSpace();
  }

  #skipSpace(): void {
    const text = this.#text;
    let at = this.#at;
    let code = text.charCodeAt(at);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) {
      at += 1;
      code = text.charCodeAt(at);
    }
    this.#at = at;
  }

  // Names the place only: what stands there was written by somebody else.
  #error(code: Code, problem: string, at = this.#at): SallyportError {
    const before = this.#text.slice(0, at);
    const line = before.split('\n').length;
    const column = at - before.lastIndexOf('\n');
    return new SallyportError(code, `line ${line}, column ${column} of the JSON: ${problem}`);
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
