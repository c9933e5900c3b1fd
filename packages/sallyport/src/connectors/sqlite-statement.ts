// Reads the text of a SQL statement as far as needed: its first word, its parameters, and where it ends.

/** What the text of a statement says. */
export interface StatementText {
  /** Upper case; empty when there is no statement. */
  readonly firstWord: string;
  /** Names of `:name` parameters, in order, each once. */
  readonly parameters: readonly string[];
  /** Parameters of another form: `?`, `?1`, `@name`, `$name`. */
  readonly otherParameters: readonly string[];
  /** Whether anything but space and comments follows the first `;`. */
  readonly hasTrailingText: boolean;
}

// The engine's own tokens (tokenize.c of SQLite 3.53), as far as they can hide or be parameters.
const tokenPattern = new RegExp(
  [
    String.raw`(?<space>\s+|--[^\n]*|/\*[\s\S]*?(?:\*/|$))`,
    String.raw`(?<quoted>'(?:[^']|'')*'|"(?:[^"]|"")*"|` + '`(?:[^`]|``)*`' + String.raw`|\[[^\]]*\])`,
    String.raw`(?<parameter>:[A-Za-z0-9_$\u0080-\u{10ffff}]+)`,
    String.raw`(?<other>\?\d*|[@$#][A-Za-z0-9_$:\u0080-\u{10ffff}]*)`,
    String.raw`(?<word>[A-Za-z_\u0080-\u{10ffff}][A-Za-z0-9_$\u0080-\u{10ffff}]*)`,
    String.raw`(?<end>;)`,
    String.raw`(?<rest>[\s\S])`,
  ].join('|'),
  'uy',
);

/** Reads a statement's text; never throws. */
export function readStatement(sql: string): StatementText {
  const parameters = new Set<string>();
  const otherParameters = new Set<string>();
  let firstWord = '';
  let hasEnded = false;
  let hasTrailingText = false;
  for (const { groups = {}, 0: text } of tokens(sql)) {
    if (groups['space'] !== undefined) continue;
    if (hasEnded) hasTrailingText = true;
    else if (groups['end'] !== undefined) hasEnded = true;
    else if (groups['parameter'] !== undefined) parameters.add(text.slice(1));
    else if (groups['other'] !== undefined) otherParameters.add(text);
    // A statement that does not begin with a word is none.
    else if (firstWord === '') firstWord = groups['word'] === undefined ? text : text.toUpperCase();
  }
  return { firstWord, parameters: [...parameters], otherParameters: [...otherParameters], hasTrailingText };
}

function* tokens(sql: string): Generator<RegExpExecArray> {
  tokenPattern.lastIndex = 0;
  for (let match = tokenPattern.exec(sql); match !== null; match = tokenPattern.exec(sql)) {
    const next = tokenPattern.lastIndex;
    yield match;
    tokenPattern.lastIndex = next;
  }
}
