// YAML is read without its surprises: nothing implicit, nothing rounded, nothing that unfolds, nothing hidden.
import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../src/config/yaml-document.ts';

function faults(text: string): readonly string[] {
  return parseYaml(text).problems.map(({ line, column, message }) => `${line}:${column} ${message.split(';')[0]}`);
}

describe('a YAML document', () => {
  it('keeps text as text where older YAML guessed', () => {
    const { value } = parseYaml('a: yes\nb: 08:00\nc: 2024-01-01\nd: 1_000\ne: "1"\nf: ~\ng: true');
    expect(value).toEqual({ a: 'yes', b: '08:00', c: '2024-01-01', d: '1_000', e: '1', f: null, g: true });
  });

  it('B1: refuses duplicate keys at any depth', () => {
    expect(faults('a:\n  b: 1\n  c: 2\n  b: 3')).toEqual(['4:3 this key stands here twice']);
    expect(faults('a: { b: 1, "b": 2 }')).toEqual(['1:12 this key stands here twice']);
    expect(faults('- a: 1\n- a: 2')).toEqual([]);
  });

  it.each([
    ['a number in octal', 'a: 0o17'],
    ['a number in hexadecimal', 'a: 0x10'],
    ['a number with leading zeros', 'a: 010'],
    ['a number that would be rounded', 'a: 9007199254740993'],
    ['an infinite number', 'a: .inf'],
    ['what is not a number', 'a: .nan'],
    ['a number beyond doubles', 'a: 1e400'],
  ])('P10: refuses %s', (_, text) => {
    expect(faults(text)).toEqual(['1:1 this number is not decimal or would be rounded']);
  });

  it.each([
    ['a tag', 'a: !!str 1', '1:1 tags (`!…`) are not allowed'],
    ['a custom tag', 'a: !env HOME', '1:4 tags (`!…`) are not allowed'],
    ['a merge key', 'a: &x { b: 1 }\nc:\n  <<: *x', '3:3 the key `<<` is not allowed'],
    ['__proto__', '__proto__: { a: 1 }', '1:1 the key `__proto__` is not allowed'],
    ['constructor', 'a: { constructor: 1 }', '1:6 the key `constructor` is not allowed'],
    ['a key that is no text', '1: a', '1:1 this key is not text'],
    ['a directive', '%YAML 1.1\n---\na: yes', '1:1 directives (`%…`) are not allowed'],
    ['a second document', 'a: 1\n---\nb: 2', expect.stringContaining('not valid YAML')],
    ['broken YAML', 'a: [1', expect.stringContaining('not valid YAML')],
  ])('refuses %s', (_, text, message) => {
    expect(faults(text)).toContainEqual(message);
  });

  it.each([
    ['a bidi override', '# a\u202e\na: 1', '1:4 the character U+202E cannot be seen'],
    ['a zero-width space', 'a: x\u200bb', '1:5 the character U+200B cannot be seen'],
    ['a tag character', 'a: x\u{e0041}', '1:5 the character U+E0041 cannot be seen'],
    ['a control character', 'a: x\u0007', '1:5 the character U+0007 cannot be seen'],
  ])('A1: refuses %s anywhere in the file', (_, text, message) => {
    expect(faults(text)).toContainEqual(message);
  });

  it('A7: unfolds no more than 100 aliases', () => {
    const bomb = ['a: &a [1]', ...Array.from({ length: 101 }, (_, index) => `k${index}: *a`)].join('\n');
    expect(faults(bomb)).toEqual(['102:1 more than 100 aliases']);
  });

  it('A7: ends a billion laughs without unfolding it', () => {
    const levels = Array.from({ length: 9 }, (_, i) => `k${i + 1}: &k${i + 1} [${`*k${i}, `.repeat(9)}]`);
    expect(faults(['k0: &k0 [1]', ...levels].join('\n')).length).toBeGreaterThan(0);
  });

  it('A7: refuses deep nesting', () => {
    expect(faults(`a: ${'['.repeat(60)}${']'.repeat(60)}`)[0]).toMatch(/too large or too deeply nested/);
  });

  it('A7: takes no quadratic time for many keys', () => {
    const text = Array.from({ length: 60_000 }, (_, index) => `k${index}: 1`).join('\n');
    expect(faults(text)).toEqual([]);
  });

  it('refuses an alias of its own anchor', () => {
    expect(faults('a: &a { b: *a }').length).toBeGreaterThan(0);
  });

  it('reports the first error of syntax only, and how to quote a path in a flow map', () => {
    const { problems } = parseYaml('a: { path: /items/{id}, b: 1 }\nc: 1');
    expect(problems.map(({ line, message }) => [line, /quote text that holds/.test(message)])).toEqual([[1, true]]);
  });

  it('keeps positions of flow and block collections', () => {
    const document = parseYaml('a: { b: [1, 2], c: 3 }\nd:\n  - e: 1');
    expect(document.locate(['a', 'c'])).toEqual({ line: 1, column: 17 });
    expect(document.locate(['a', 'b', 1])).toEqual({ line: 1, column: 13 });
    expect(document.locate(['d', 0, 'e'])).toEqual({ line: 3, column: 5 });
  });
});
