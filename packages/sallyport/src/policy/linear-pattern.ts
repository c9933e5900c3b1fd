// Patterns in schemas and grants run on text that agents chose: only expressions that match in linear time are accepted.
import { RE2JS } from 're2js';

/** A pattern ready to use, or why it is not accepted. */
export type LinearPattern =
  | {
      readonly ok: true;
      /** Whether the pattern is found anywhere in the text; anchor it to match all of it. */
      readonly test: (text: string) => boolean;
    }
  | { readonly ok: false; readonly message: string };

const maxPatternLength = 1000;

/** Compiles a pattern of the RE2 syntax: no look-around, no back-references, bounded repetition up to 1000. */
export function compilePattern(source: string): LinearPattern {
  if (source.length > maxPatternLength) {
    return { ok: false, message: `the pattern is longer than ${maxPatternLength} characters; shorten it` };
  }
  try {
    const compiled = RE2JS.compile(source);
    return { ok: true, test: (text) => compiled.test(text) };
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'unknown';
    return {
      ok: false,
      message: `the pattern cannot be matched in linear time, or is not one (RE2 syntax): ${reason}`,
    };
  }
}
