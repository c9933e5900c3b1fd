// How hard a value is to guess: under 48 bits a value cannot be told from ordinary text, so it cannot be scrubbed safely (I11).
import { commonPairs, guessableWords, keyRuns, longestWord } from './guessable-words.ts';
import { isUuid, unguessablePart } from './unguessable-part.ts';

export { unguessablePart } from './unguessable-part.ts';

/** A value must hold this many bits before it is accepted without leave, and a window of it before anything depends on it. */
export const minimumBits = 48;

/** A stretch of a value that is easier to guess than its characters alone. */
interface Pattern {
  readonly length: number;
  readonly bits: number;
}

// An attacker's list of words is taken to hold 2^9 common ones and 2^11 others; more would flatter what people choose.
const commonWordBits = 9;
const otherWordBits = 11;
const shortestWord = 3;
const shortestOtherWord = 5;
const shortestDisguisedWord = 9;
const shortestRun = 4;
const shortestRepeat = 4;
const shortestStep = 5;
// Shorter ones stand in random text by chance, and would make windows of it longer than they need be.
const shortestWeighedPattern = 8;
// Above this share of known patterns a value was chosen by a person, and what remains of it was too.
const chosenShare = 0.4;
// Characters beyond this add nothing to an estimate: it is far over the minimum by then, or never will be.
const maxMeasured = 2048;

// Between groups of one alphabet they add nothing; in base64url text, which has both cases, they do.
const knownSeparators = /[-_.: ]/g;

/** A conservative estimate of the bits of a value's unguessable part. */
export function estimateBits(value: string): number {
  return sum(measure(value).bits);
}

/**
 * The least number of characters of the unguessable part that hold 48 bits at every position: base62 gives 9, hex 12.
 * Infinity when the whole part holds fewer.
 */
export function windowLength(value: string): number {
  const weights = unguessableWeights(value);
  if (sum(weights) < minimumBits) return Number.POSITIVE_INFINITY;
  return shortestWindow(weights);
}

/**
 * Bits of each character of the unguessable part: a match stands only on a range that holds 48 of them (I11). Words and runs of eight
 * characters and more count as what they are, so that a range of them is no secret, and random characters beside them still are one.
 */
export function unguessableWeights(value: string): readonly number[] {
  const { start, end } = unguessablePart(value);
  const { bits, isChosen, part, patterns } = measure(value);
  const weights = isChosen ? [...bits] : [...literalBits(part, false)];
  for (const [at, { length, bits: patternBits }] of patterns) {
    if (isChosen || length < shortestWeighedPattern) continue;
    const literal = sum(weights.slice(at, at + length));
    weights.fill(Math.min(patternBits, literal) / length, at, at + length);
  }
  const each = alphabetBits(part);
  return [...weights, ...Array.from({ length: end - start - weights.length }, () => each)];
}

interface Measure {
  readonly part: string;
  /** Bits of each character of the part. */
  readonly bits: readonly number[];
  readonly isChosen: boolean;
  readonly patterns: ReadonlyMap<number, Pattern>;
}

function measure(value: string): Measure {
  const { start, end } = unguessablePart(value);
  const part = value.slice(start, Math.min(end, start + maxMeasured));
  if (isUuid(part)) return { part, bits: literalBits(part, false), isChosen: false, patterns: new Map() };
  const patterns = findPatterns(part);
  const covered = [...patterns.values()].reduce((total, pattern) => total + pattern.length, 0);
  const isChosen = covered >= chosenShare * part.length;
  const bits = [...literalBits(part, isChosen)];
  for (const [at, { length, bits: patternBits }] of patterns) {
    const literal = sum(bits.slice(at, at + length));
    bits.fill(Math.min(patternBits, literal) / length, at, at + length);
  }
  return { part, bits, isChosen, patterns };
}

// Left to right, at each place the pattern that covers most.
function findPatterns(part: string): ReadonlyMap<number, Pattern> {
  const found = new Map<number, Pattern>();
  // Only ASCII: other letters may change their length in lower case, and the indexes must agree.
  const lower = part.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const plain = withoutLeet(lower);
  const undisguised = withoutLeet(part);
  for (let at = 0; at < part.length; ) {
    const candidates = [
      knownWord(plain, at),
      wordLike(part, at),
      disguisedWord(part, undisguised, at),
      keyRun(lower, at),
      repeat(lower, at),
      steps(part, at),
      year(part, at),
    ];
    const best = candidates.reduce((longest, next) => (next.length > longest.length ? next : longest), noPattern);
    if (best.length > 0) found.set(at, best);
    at += Math.max(1, best.length);
  }
  return found;
}

// Most places of a random value begin neither a word nor a run: one look says so.
const wordStarts: ReadonlySet<string> = new Set(Array.from(guessableWords, (word) => word.slice(0, shortestWord)));
const runStarts: ReadonlySet<string> = new Set(
  keyRuns.flatMap((run) => Array.from(run, (_, at) => run.slice(at, at + shortestRun))),
);

const noPattern: Pattern = { length: 0, bits: 0 };

function knownWord(plain: string, at: number): Pattern {
  if (!wordStarts.has(plain.slice(at, at + shortestWord))) return noPattern;
  for (let length = Math.min(longestWord, plain.length - at); length >= shortestWord; length -= 1)
    if (guessableWords.has(plain.slice(at, at + length))) return { length, bits: commonWordBits };
  return noPattern;
}

// Letters of one case, or capitalised, whose pairs are those of words; one rare pair is allowed in a long one.
function wordLike(part: string, at: number): Pattern {
  const letters = /^(?:[A-Z]?[a-z]{4,20}|[A-Z]{5,20})/.exec(part.slice(at, at + 21))?.[0].toLowerCase() ?? '';
  if (letters.length < shortestOtherWord) return noPattern;
  let rare = 0;
  for (let i = 1; i < letters.length; i += 1) if (!commonPairs.has(letters.slice(i - 1, i + 1))) rare += 1;
  return rare <= Math.floor((letters.length - 1) / 6) ? { length: letters.length, bits: otherWordBits } : noPattern;
}

// `Tr0ub4dor` is a word to those who guess; only long ones that are mostly letters, because random text has many digits.
function disguisedWord(part: string, undisguised: string, at: number): Pattern {
  const { length, bits } = wordLike(undisguised, at);
  if (length < shortestDisguisedWord || /^[0-9a-f]+$/i.test(part)) return noPattern;
  const letters = part.slice(at, at + length).replace(/[^A-Za-z]/g, '').length;
  return letters >= 0.7 * length ? { length, bits: bits + 1 } : noPattern;
}

function keyRun(lower: string, at: number): Pattern {
  if (!runStarts.has(lower.slice(at, at + shortestRun))) return noPattern;
  const longest = growMatch(shortestRun, lower.length - at, (length) => {
    const text = lower.slice(at, at + length);
    return keyRuns.some((run) => run.includes(text));
  });
  return longest > 0 ? { length: longest, bits: 5 + Math.log2(longest) } : noPattern;
}

// What stood earlier in the value is not new; a run of one character repeats the one before.
function repeat(lower: string, at: number): Pattern {
  const longest = growMatch(shortestRepeat, lower.length - at, (length) => {
    return lower.indexOf(lower.slice(at, at + length)) < at;
  });
  return longest > 0 ? { length: longest, bits: Math.log2(at + 1) + Math.log2(longest) } : noPattern;
}

// Equal steps between characters, alone (`2468`) or in pairs (`112233`).
function steps(part: string, at: number): Pattern {
  const step = (i: number): number => part.charCodeAt(i) - part.charCodeAt(i - 1);
  const continues = (period: number) => (length: number) =>
    at > period && step(at + length - 1) === step(at + length - 1 - period);
  const longest = Math.max(...[1, 2].map((period) => growMatch(1, part.length - at, continues(period))));
  return longest >= shortestStep ? { length: longest, bits: 5 + Math.log2(longest) } : noPattern;
}

// The greatest length from `shortest` to `longest` up to which every length matches; 0 when the shortest does not.
function growMatch(shortest: number, longest: number, matches: (length: number) => boolean): number {
  let length = shortest;
  while (length <= longest && matches(length)) length += 1;
  return length > shortest ? length - 1 : 0;
}

function year(part: string, at: number): Pattern {
  return /^(?:19|20)\d\d(?!\d)/.test(part.slice(at, at + 5)) && !/\d/.test(part.charAt(at - 1))
    ? { length: 4, bits: 7 }
    : noPattern;
}

const leetLetters: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

function withoutLeet(text: string): string {
  return text.replace(/[0134579@$!]/g, (character) => leetLetters[character] ?? character);
}

// Bits of each character by the alphabet of the whole part; what stands around chosen words counts by its own class.
function literalBits(part: string, isChosen: boolean): readonly number[] {
  if (isUuid(part)) return part.split('').map((character, i) => uuidBits(character, i));
  const separatorsAreKnown = /^(?:[0-9a-f]+|[0-9A-F]+|[0-9a-z]+|[0-9A-Z]+)$/.test(part.replace(knownSeparators, ''));
  const bitsEach = alphabetBits(separatorsAreKnown ? part.replace(knownSeparators, '') : part);
  return part.split('').map((character) => {
    if (separatorsAreKnown && '-_.: '.includes(character)) return 0;
    return isChosen ? Math.min(bitsEach, ownClassBits(character)) : bitsEach;
  });
}

function uuidBits(character: string, index: number): number {
  if (character === '-' || index === 14) return 0;
  return index === 19 ? 2 : 4;
}

function ownClassBits(character: string): number {
  if (/\d/.test(character)) return Math.log2(10);
  return /[a-z]/i.test(character) ? Math.log2(26) : 3;
}

// Never more than base62: a person's choice of symbols is not a random one, and random base64 loses nothing that counts.
function alphabetBits(text: string): number {
  if (/^\d*$/.test(text)) return Math.log2(10);
  if (/^[0-9a-f]*$/.test(text) || /^[0-9A-F]*$/.test(text)) return 4;
  if (/^[a-z]*$/.test(text) || /^[A-Z]*$/.test(text)) return Math.log2(26);
  if (/^[0-9a-z]*$/.test(text) || /^[0-9A-Z]*$/.test(text)) return Math.log2(36);
  if (/^[A-Za-z]*$/.test(text)) return Math.log2(52);
  return Math.log2(62);
}

function shortestWindow(weights: readonly number[]): number {
  let longest = 0;
  let held = 0;
  let end = 0;
  for (let start = 0; start < weights.length; start += 1) {
    while (end < weights.length && held < minimumBits) held += weights[end++] ?? 0;
    if (held < minimumBits) break;
    longest = Math.max(longest, end - start);
    held -= weights[start] ?? 0;
  }
  return longest;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
