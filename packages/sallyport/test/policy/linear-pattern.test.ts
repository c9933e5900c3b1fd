// Patterns mean what ECMAScript means and take linear time, or they are refused.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../src/policy/linear-pattern.ts';

function find(source: string, text: string): boolean {
  const pattern = compilePattern(source);
  if (!pattern.ok) throw new Error(pattern.message);
  return pattern.test(text);
}

const samples = [
  '',
  'a',
  'abc',
  'b1',
  'A_B-9',
  'a b',
  'a\u00a0b',
  'a\nb',
  'a\u2028b',
  'é',
  '😀',
  '[x]',
  'a.b/c',
  '\ufeff',
  'ſ',
  'K',
];

describe('a pattern', () => {
  it.each([
    '^a',
    'a$',
    'b',
    '^$',
    '^[a-z]+$',
    '^[^a-z]+$',
    String.raw`\d`,
    String.raw`^\w+$`,
    String.raw`\s`,
    String.raw`^\S+$`,
    String.raw`[\s]`,
    String.raw`a.b`,
    String.raw`^.$`,
    String.raw`\u0061`,
    String.raw`\u{1F600}`,
    String.raw`\uD83D\uDE00`,
    String.raw`[\u0061-c]`,
    String.raw`a\/b`,
    String.raw`a\.b\/c`,
    String.raw`[\]x]`,
    '[[]',
    String.raw`[.]`,
    '(a|b){1,3}',
    '(?:a|b)?c',
    '(?<name>a)',
    String.raw`\bA_B`,
    String.raw`\p{L}`,
    String.raw`[^\d\s]`,
    String.raw`\x61`,
    'a{2}|b',
    '(?i:ABC)',
  ])('%s finds what ECMAScript finds', (source) => {
    const expected = new RegExp(source, 'u');
    expect(samples.map((text) => [text, find(source, text)])).toEqual(
      samples.map((text) => [text, expected.test(text)]),
    );
  });

  it.each([
    '(?=a)',
    '(?!a)',
    '(?<=a)b',
    '(?<!a)b',
    String.raw`(a)\1`,
    String.raw`(?<n>a)\k<n>`,
    '(',
    '[',
    'a{1001}',
    '((a{100}){100}){100}',
    '',
    'a'.repeat(1025),
    String.raw`[\S]`,
    String.raw`\cA`,
    String.raw`\0`,
    String.raw`\ud800`,
    String.raw`\Aa`,
    String.raw`a\z`,
    String.raw`\Qa\E`,
    '(?i)a',
    '(?P<n>a)',
    '[[:alpha:]]',
    String.raw`\pL`,
  ])('A7: %s is refused', (source) => {
    expect(compilePattern(source).ok).toBe(false);
  });

  it('A7: takes linear time where backtracking would not end', () => {
    expect(find('^(a+)+$', `${'a'.repeat(20_000)}b`)).toBe(false);
    expect(find('^(a|aa)*$', `${'a'.repeat(20_000)}b`)).toBe(false);
  });

  it('finds any literal text that was escaped for it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), (text) => {
        const source = Array.from(text, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`).join('');
        expect(find(`^${source}$`, text)).toBe(true);
        expect(find(`^${source}$`, `${text}x`)).toBe(false);
      }),
    );
  });
});

describe('flags within a pattern', () => {
  it.each(['(?s:^a.$)', '(?m:^a$)', '(?im:a)'])('%s is refused: the two dialects read it differently', (source) => {
    expect(compilePattern(source)).toMatchObject({ ok: false });
  });
});
