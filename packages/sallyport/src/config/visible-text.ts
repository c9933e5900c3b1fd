// Text that agents and reviewers read must show everything that it holds: no control, bidi, zero-width or tag characters.

/** A character that cannot be seen where it stands. */
export interface HiddenCharacter {
  readonly index: number;
  /** Such as `U+202E`. */
  readonly name: string;
}

// Controls but tab and line ends, format characters (bidi, zero-width, tags), line separators, lone surrogates, private use,
// and what renders as nothing (fillers, variation selectors, invisible operators).
const hidden = /(?![\t\n\r])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}]/u;

/** The first hidden character of a text; undefined when everything can be seen. */
export function hiddenCharacter(text: string): HiddenCharacter | undefined {
  const index = text.search(hidden);
  if (index < 0) return undefined;
  const code = text.codePointAt(index) ?? 0;
  return { index, name: `U+${code.toString(16).toUpperCase().padStart(4, '0')}` };
}
