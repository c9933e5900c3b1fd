// Patterns of schemas and grants run in linear time, whoever chose the text; what the engine does not know is a config error.
import { RE2JS } from 're2js';

/** A compiled pattern, or what is wrong with it. */
export type CompiledPattern =
  | {
      readonly ok: true;
      /** Whether the pattern is found anywhere in the text. */
      test(text: string): boolean;
    }
  | { readonly ok: false; readonly message: string };

const maxSourceLength = 1024;
// A search costs up to program times text: this much on 10,000 characters is some tens of milliseconds.
const maxProgramSize = 2_000;

/**
 * Compiles a pattern with the meaning of JSON Schema: ECMAScript with the flag `u`, not anchored. Look-around and back
 * references have no linear time and are refused, as is everything that the two dialects read differently.
 */
export function compilePattern(source: string): CompiledPattern {
  if (source.length > maxSourceLength) return refuse(`is longer than ${maxSourceLength} characters`);
  const fault = ecmaFault(source);
  if (fault !== undefined) return refuse(fault);
  const translated = translate(source);
  if (!translated.ok) return translated;
  try {
    const pattern = RE2JS.compile(translated.source);
    if (pattern.programSize() > maxProgramSize) return refuse('is too large; lower its repeat counts');
    return { ok: true, test: (text) => pattern.matcher(text).find() };
  } catch {
    return refuse('is not linear; look-around, back references and large repeat counts are not allowed');
  }
}

// Only compiled, never run: what agents are shown must be a pattern for them too.
function ecmaFault(source: string): string | undefined {
  try {
    return source === '' || new RegExp(source, 'u').source === '' ? 'is empty' : undefined;
  } catch {
    return 'is not a valid pattern';
  }
}

type Translation = { readonly ok: true; readonly source: string } | { readonly ok: false; readonly message: string };

// ECMA-262 §22.2.2.9: white space and line ends are more than the ASCII ones that RE2 knows.
const spaces = String.raw`\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`;
const piece = /\\u\{([0-9a-fA-F]+)\}|\\u([0-9a-fA-F]{4})|\\([\s\S])|[[\].]|[^\\[\].]+/gu;

/** Rewrites what the two dialects spell or read differently. */
function translate(source: string): Translation {
  let text = '';
  let isInClass = false;
  for (const [part, braced, four, escaped] of joinSurrogates(source).matchAll(piece)) {
    const code = braced ?? four;
    if (code !== undefined) {
      if (/^d[89a-f]/i.test(code) && code.length === 4) return refuse('holds half a surrogate pair');
      text += `\\x{${code}}`;
    } else if (escaped === 's') {
      text += isInClass ? spaces : `[${spaces}]`;
    } else if (escaped === 'S') {
      if (isInClass) return refuse('has `\\S` within brackets; write the characters that are meant');
      text += `[^${spaces}]`;
    } else if (escaped === 'c' || escaped === '0') {
      return refuse('has a control escape; write it as `\\x`');
    } else if (!isInClass && /\(\?[a-z-]*[sm][a-z-]*[:)]/.test(part)) {
      return refuse('has the flag `s` or `m` within it; the two dialects read them differently');
    } else if (part === '.' && !isInClass) {
      text += '[^\\n\\r\\x{2028}\\x{2029}]';
    } else {
      // `[` within brackets is a plain character in one dialect, and may begin a named class in the other.
      text += part === '[' && isInClass ? '\\[' : part;
      isInClass = part === '[' || (isInClass && part !== ']');
    }
  }
  return { ok: true, source: text };
}

function joinSurrogates(source: string): string {
  return source.replaceAll(/\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})/g, (_, high, low) => {
    const code =
      (Number.parseInt(String(high), 16) - 0xd800) * 0x400 + Number.parseInt(String(low), 16) - 0xdc00 + 0x10000;
    return `\\u{${code.toString(16)}}`;
  });
}

function refuse(message: string): { readonly ok: false; readonly message: string } {
  return { ok: false, message };
}
