// Turns registered values into the byte patterns to look for: their unguessable part only, in the shapes that services give it (I11).
import { minimumBits, unguessablePart, unguessableWeights } from '../../domain/entropy.ts';
import type { RegisteredSecret } from '../../vault/vault.ts';

/** One value to look for. Secret memory. */
export interface Pattern {
  /** The unguessable part as bytes. */
  readonly bytes: Uint8Array;
  /** Bits of each byte: a range that holds 48 makes a match. */
  readonly bits: Float64Array;
  /** Fewest bytes that such a range can have. */
  readonly windowBytes: number;
  /** What stands before and after it in the whole value: taken out with it, never matched alone. */
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** The patterns of a registered value; none when no range of it holds 48 bits. */
export function patternsOf(secret: RegisteredSecret): readonly Pattern[] {
  const value = secret.value.reveal();
  const { start, end } = unguessablePart(value);
  const middle = value.slice(start, end);
  const weights = unguessableWeights(value);
  const literal: Shape = {
    ...encode(middle, weights),
    before: value.slice(0, start),
    after: value.slice(end),
  };
  const shapes = [literal, ...otherShapes(middle, weights)];
  return [...shapes, reversed(middle, literal)].flatMap(patternOf);
}

interface Shape {
  readonly bytes: Uint8Array;
  readonly bits: Float64Array;
  readonly before: string;
  readonly after: string;
}

/** A value below this many bytes is no value in another notation. */
const shortestDecoded = 6;

// Services give the same value back in another case, without its hyphens, as its bytes, or in the other base64 alphabet.
function otherShapes(middle: string, weights: readonly number[]): readonly Shape[] {
  const texts = new Map<string, readonly number[]>();
  // Forms write a space as `+` (WHATWG URL §5.2); percent decoding alone would not bring it back.
  texts.set(middle.replaceAll(' ', '+'), weights);
  // Text that was wrapped or spaced out is compared without its white space.
  texts.set(middle.replace(/[ \t\r\n]+/g, ''), without(middle, weights, ' \t\r\n'));
  const decoded = decodedFrom(middle, weights);
  if (/^(?:[0-9a-f-]+|[0-9A-F-]+)$/.test(middle)) {
    const solid = middle.replaceAll('-', '');
    const solidWeights = without(middle, weights, '-');
    for (const cased of [solid.toLowerCase(), solid.toUpperCase()]) texts.set(cased, solidWeights);
    for (const cased of [middle.toLowerCase(), middle.toUpperCase()]) texts.set(cased, weights);
  } else if (decoded !== undefined) {
    texts.set(middle.replaceAll('-', '+').replaceAll('_', '/'), weights);
    texts.set(middle.replaceAll('+', '-').replaceAll('/', '_'), weights);
  }
  texts.delete(middle);
  const shapes = Array.from(texts, ([text, textWeights]) => ({ ...encode(text, textWeights), before: '', after: '' }));
  if (decoded === undefined) return shapes;
  return [...shapes, { ...decoded, before: '', after: '' }];
}

// The bytes that a value writes in hex or base64, to be found in whatever notation they come back.
function decodedFrom(middle: string, weights: readonly number[]): Pick<Shape, 'bytes' | 'bits'> | undefined {
  const solid = middle.replaceAll('-', '');
  const isHex = /^(?:[0-9a-f]+|[0-9A-F]+)$/.test(solid) && solid.length % 2 === 0;
  if (!isHex && !/^[A-Za-z0-9+/_-]{16,}$/.test(middle)) return undefined;
  const bytes = isHex ? Buffer.from(solid, 'hex') : Buffer.from(middle, 'base64');
  if (bytes.length < shortestDecoded) return undefined;
  const digitBits = isHex ? 4 : 6;
  const digitWeights = isHex ? without(middle, weights, '-') : weights;
  // Each bit of a byte holds its share of what its digit holds.
  const bits = Float64Array.from(bytes, (_, byte) => {
    let held = 0;
    for (let bit = byte * 8; bit < byte * 8 + 8; bit += 1) held += digitWeights[Math.floor(bit / digitBits)] ?? 0;
    return held / digitBits;
  });
  return { bytes, bits };
}

// The bits of a character are spread over its bytes.
function encode(text: string, weights: readonly number[]): Pick<Shape, 'bytes' | 'bits'> {
  const bytes = Buffer.from(text);
  const bits = new Float64Array(bytes.length);
  let byte = 0;
  let unit = 0;
  for (const character of text) {
    let held = 0;
    for (let i = 0; i < character.length; i += 1) held += weights[unit + i] ?? 0;
    const size = Buffer.byteLength(character);
    bits.fill(held / size, byte, byte + size);
    byte += size;
    unit += character.length;
  }
  return { bytes, bits };
}

function reversed(middle: string, { bits, before, after }: Shape): Shape {
  const turn = (text: string): string => Array.from(text).toReversed().join('');
  return { bytes: Buffer.from(turn(middle)), bits: bits.toReversed(), before: turn(after), after: turn(before) };
}

function without(text: string, weights: readonly number[], characters: string): readonly number[] {
  return weights.filter((_, at) => !characters.includes(text.charAt(at)));
}

function patternOf({ bytes, bits, before, after }: Shape): readonly Pattern[] {
  const windowBytes = shortestRange(bits);
  if (windowBytes === undefined) return [];
  return [{ bytes, bits, windowBytes, before: Buffer.from(before), after: Buffer.from(after) }];
}

function shortestRange(bits: Float64Array): number | undefined {
  let shortest: number | undefined;
  let held = 0;
  let start = 0;
  for (const [end, each] of bits.entries()) {
    held += each;
    while (held - (bits[start] ?? 0) >= minimumBits - slack) held -= bits[start++] ?? 0;
    if (held >= minimumBits - slack) shortest = Math.min(shortest ?? Number.POSITIVE_INFINITY, end + 1 - start);
  }
  return shortest;
}

/** Sums of bits are compared with this much slack: they are floating-point numbers. */
export const slack = 1e-6;
