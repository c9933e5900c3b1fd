// What a person cannot see: found where a config is read, and spelled out where something is printed.
import { describe, expect, it } from 'vitest';
import { hiddenCharacter, spelledOut, visible, visibleJson } from '../../src/domain/visible-text.ts';

const hidden = [
  ['a control', '\u0007'],
  ['delete', '\u007f'],
  ['C1, CSI', '\u009b'],
  ['bidi', '\u202e'],
  ['zero width', '\u200b'],
  ['a soft hyphen', '\u00ad'],
  ['a byte order mark', '\ufeff'],
  ['a tag', '\u{e0041}'],
  ['a variation selector', '\ufe0f'],
  ['another variation selector', '\u{e0100}'],
  ['a Hangul filler', '\u3164'],
  ['a half-width Hangul filler', '\uffa0'],
  ['a leading filler', '\u115f'],
  ['a vowel filler', '\u1160'],
  ['a Braille blank', '\u2800'],
  ['a musical blank', '\u{1d159}'],
  ['a no-break space', '\u00a0'],
  ['an ideographic space', '\u3000'],
  ['an em space', '\u2003'],
  ['a line separator', '\u2028'],
  ['a paragraph separator', '\u2029'],
  ['private use', '\ue000'],
  ['an unassigned code point', '\u0378'],
  ['a noncharacter', '\uffff'],
  ['a lone surrogate', '\ud800'],
] as const;

describe('A01: what cannot be seen', () => {
  it.each(hidden)('is found, and written out: %s', (_, character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    const text = `a${character}b`;
    expect(hiddenCharacter(text)).toEqual({ index: 1, name: `U+${code.toUpperCase().padStart(4, '0')}` });
    expect([visible(text), spelledOut(text)]).toEqual([`a\\u{${code}}b`, `a\\u{${code}}b`]);
  });

  it.each(hidden)('is in no JSON, which still means the same: %s', (_, character) => {
    const json = visibleJson(JSON.stringify({ a: character }));
    expect(visible(json)).toBe(json);
    expect(JSON.parse(json)).toEqual({ a: character });
  });

  it('is a line break or a tab in a line, and is none in text that has lines', () => {
    expect(visible('a\n\tb\r')).toBe(String.raw`a\u{a}\u{9}b\u{d}`);
    expect(hiddenCharacter('a\n\tb\r')).toBeUndefined();
  });

  it('is nothing of what people write', () => {
    const text = 'für 東京, नमस्ते, 한국어 — "x" {1} \\ ✓ 🙂';
    expect([visible(text), visibleJson(text), hiddenCharacter(text)]).toEqual([text, text, undefined]);
  });
});

describe('A01: a value among text of ours', () => {
  it('shows marks that change a letter', () => {
    expect(spelledOut('e\u0301')).toBe(String.raw`e\u{301}`);
  });

  it.each([
    ['a b', 'a b'],
    ['a  b', String.raw`a\u{20}\u{20}b`],
    ['a   ', String.raw`a\u{20}\u{20}\u{20}`],
    ['    set open = 0', '    set open = 0'],
    [' '.repeat(17), String.raw`\u{20}`.repeat(17)],
  ])('shows spaces in a row, but those of an indentation: %j', (value, shown) => {
    expect(spelledOut(value)).toBe(shown);
  });
});
