// The one definition of what a person cannot see, or cannot tell from a space: the config refuses it, and what is printed spells it out.

/** A character that cannot be seen where it stands. */
export interface HiddenCharacter {
  readonly index: number;
  /** Such as `U+202E`. */
  readonly name: string;
}

// Controls, format characters (bidi, zero-width, tags), surrogates, private and unassigned code points; all spaces and separators but
// U+0020; what renders as nothing (fillers, variation selectors), and three that Unicode calls symbols or letters and fonts leave blank.
const hidden = /[[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u{2800}\u{1d159}\u{13441}\u{13442}]--\x20]/v;
const everyHidden = new RegExp(hidden, 'gv');
// In text that has lines.
const hiddenInLines = new RegExp(String.raw`(?![\t\n\r])${hidden.source}`, 'v');
// A mark changes the letter before it.
const unclear = new RegExp(String.raw`${hidden.source}|\p{M}`, 'gv');
// With enough spaces a text wraps, and goes on where a line of ours would begin; the few of an indentation do nothing.
const spaces = /(?<=[^ ]) {2,}|^ {17,}/g;

/** The first hidden character of a text, but tabs and line ends; undefined when everything can be seen. */
export function hiddenCharacter(text: string): HiddenCharacter | undefined {
  const index = text.search(hiddenInLines);
  if (index < 0) return undefined;
  return { index, name: `U+${codeOf(text.slice(index)).toUpperCase().padStart(4, '0')}` };
}

/** A line with everything hidden as `\u{…}`: line breaks and tabs too, because a value in it can hold them. */
export function visible(line: string): string {
  return line.replace(everyHidden, escaped);
}

/** A value that stands among text of ours: the same, with combining marks and with spaces in a row written out as well. */
export function spelledOut(value: string): string {
  return value.replace(unclear, escaped).replace(spaces, (run) => escaped(' ').repeat(run.length));
}

/** JSON text that means the same and hides nothing. */
export function visibleJson(json: string): string {
  return json.replace(everyHidden, (character) =>
    [...Array(character.length).keys()].map((at) => `\\u${hex(character.charCodeAt(at)).padStart(4, '0')}`).join(''),
  );
}

function escaped(character: string): string {
  return `\\u{${codeOf(character)}}`;
}

function codeOf(character: string): string {
  return hex(character.codePointAt(0) ?? 0);
}

function hex(code: number): string {
  return code.toString(16);
}
