// What agents send is kept for operators, sealed and shown: a credential's value among it is taken out there as well (I1).
import { canonicalJson } from '../domain/canonical-json.ts';
import type { JsonValue } from '../domain/json-value.ts';
import { parseStrictJson } from '../domain/strict-json.ts';
import { workOfReply } from './scrub/scan-work.ts';
import { scrubJson } from './scrub-reply.ts';
import type { Scrubber } from './scrubber.ts';

// Taking values out of a text makes none deeper than the doors let it be.
const maxDepth = 500;

/** Stands for a value that would not be JSON any more without what was taken out. */
const withheld = '[withheld: it held a credential]';

/**
 * A value without registered values; the same object when it holds none. Never throws: the call that it belongs to must
 * not come to depend on what its record keeps of it (I11).
 */
export function scrubInput(value: JsonValue, scrubber: Scrubber): JsonValue {
  try {
    const { text, redactions } = scrubJson(value, scrubber);
    return redactions === 0 ? value : parseStrictJson(text, { maxDepth, numbers: 'keep' });
  } catch {
    return withheld;
  }
}

/**
 * The canonical JSON text of an input without registered values; the very text when it holds none. Never throws, like
 * `scrubInput`.
 */
export function scrubbedInputText(inputText: string, input: JsonValue, scrubber: Scrubber): string {
  if (isClean(inputText, scrubber)) return inputText;
  const text = canonicalJson(scrubInput(input, scrubber));
  // Keys in another order are other neighbours: what stands across strings shows in the text that is kept.
  return isClean(text, scrubber) ? text : canonicalJson(withheld);
}

function isClean(text: string, scrubber: Scrubber): boolean {
  try {
    return scrubber.scrubJson(text, workOfReply(text.length)).redactions === 0;
  } catch {
    return false;
  }
}
