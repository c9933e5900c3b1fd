// Finds letters that could be read as others: what an operator says yes to must be what it looks like.

// Scripts with letters that look like those of another; the scripts of East Asia are written together. A letter of any other script is
// seen as well where it stands in a word with one of these.
const scripts = [
  ...'Latin Greek Cyrillic Armenian Georgian Cherokee Coptic Hebrew Arabic Devanagari'.split(' '),
  'Han Hiragana Katakana Hangul Bopomofo',
].map((names) => {
  const letters = names.replaceAll(/(\w+) ?/g, String.raw`\p{scx=$1}`);
  return { some: new RegExp(`[${letters}]`, 'u'), all: new RegExp(String.raw`^[${letters}\p{scx=Zyyy}]+$`, 'u') };
});

/** Whether a word of a JSON text has letters of more than one script. */
export function mixesScripts(json: string): boolean {
  return (
    json
      .replaceAll(/\\(?:u[0-9a-f]{4}|.)/gi, ' ')
      // What only changes the letter before it, or cannot be seen, ends no word.
      .replaceAll(/[\p{M}\p{Default_Ignorable_Code_Point}\p{Cf}]/gu, '')
      .split(/[^\p{L}]+/u)
      .some((word) => scripts.some(({ some, all }) => some.test(word) && !all.test(word)))
  );
}

/** Whether a text has full-width, mathematical or other forms of characters, or letters that are composed in another way. */
export function hasOtherForms(text: string): boolean {
  return text.normalize('NFKC') !== text;
}
