// Contract of the oracle: it finds a planted value in every encoding that the tests rely on, and nothing where there is none.
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { leaks, recover } from './oracle.ts';

const value = 'shop_Zk3vQ9xW2mT7pL5rB8nD4cF6';
const secret = { name: 'key', value, unguessableFrom: 5 };
const base64 = (text: string) => Buffer.from(text).toString('base64');
const escaped = (text: string, to: (code: string) => string) =>
  [...Buffer.from(text)].map((code) => to(code.toString(16).padStart(2, '0'))).join('');

const disguises: Readonly<Record<string, string | Buffer>> = {
  raw: `x=${value};`,
  base64: base64(value),
  'base64 at offset 1': base64(`a${value}`),
  'base64 at offset 2': base64(`ab${value}`),
  'base64 with no padding in a word': `prefix${base64(`user:${value}`).replaceAll('=', '')}suffix`,
  'base64 twice': base64(base64(value)),
  hex: Buffer.from(value).toString('hex'),
  'upper-case hex': Buffer.from(value).toString('hex').toUpperCase(),
  percent: escaped(value, (code) => `%${code}`),
  'json escapes': escaped(value, (code) => `\\u00${code}`),
  'json within json': JSON.stringify(JSON.stringify({ key: escaped(value, (code) => `\\u00${code}`) })),
  'html entities': escaped(value, (code) => `&#x${code};`),
  reversed: value.split('').toReversed().join(''),
  gzip: gzipSync(`{"a":"${value}"}`),
  'one character a string': JSON.stringify(value.split('')),
  'wrapped base64': base64(value).replaceAll(/(.{10})/g, '$1\n'),
};

describe('the oracle', () => {
  for (const [name, disguise] of Object.entries(disguises)) {
    it(`finds a value that is written as ${name}`, () => {
      expect(leaks(disguise, [secret])).toHaveLength(1);
    });
  }

  it('finds a window of 48 bits, and calls nothing smaller a leak', () => {
    expect(leaks(value.slice(10, 19), [secret])).toHaveLength(1);
    expect(leaks(value.slice(10, 18), [secret])).toHaveLength(0);
    expect(recover(value.slice(10, 18), [secret])[0]?.characters).toBe(8);
  });

  it('does not count the vendor prefix', () => {
    expect(recover('shop_', [secret])).toHaveLength(0);
  });

  it('finds nothing in text without the value', () => {
    expect(recover(base64('the quick brown fox jumps over the lazy dog').repeat(20), [secret])).toHaveLength(0);
  });
});
