// Makes every character that a person could not see, or would read as another, visible: an approval must show what is executed.

// Controls, format characters (bidi, zero-width, tags), private and unassigned code points, separators other than the space,
// combining marks (they change the letter before them), and variation selectors.
const hidden = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\p{M}]|(?! )\p{Zs}/gu;

/** The text with hidden characters as `\u{…}`; line breaks and tabs too, because a value can hold them. */
export function visible(text: string): string {
  return text.replace(hidden, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Whether a text mixes Latin letters with letters that look like them, in one word. */
export function mixesScripts(text: string): boolean {
  return text
    .split(/[^\p{L}]+/u)
    .some((word) => /\p{Script=Latin}/u.test(word) && /[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(word));
}
