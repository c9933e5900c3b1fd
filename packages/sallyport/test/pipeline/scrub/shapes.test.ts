// Contract: a value is found in the shapes that services give it, and what is no secret in it is left alone (I1, I11).
import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { leaks } from '../../../../../test/oracle.ts';
import { createScrubber } from '../../../src/pipeline/create-scrubber.ts';
import { registered } from './values.ts';

const scrub = (value: string, text: string) => createScrubber(registered(value)).scrub(text).text;

describe('a value in another shape', () => {
  const uuid = randomUUID();
  const hex = randomBytes(20).toString('hex');
  const base64url = randomBytes(30).toString('base64url');
  const base64 = randomBytes(30).toString('base64');
  const shapes: readonly (readonly [string, string, string])[] = [
    ['a UUID without hyphens', uuid, uuid.replaceAll('-', '')],
    ['a UUID in upper case', uuid, uuid.toUpperCase()],
    ['a UUID as base64 of its bytes', uuid, Buffer.from(uuid.replaceAll('-', ''), 'hex').toString('base64')],
    ['hex in upper case', hex, hex.toUpperCase()],
    ['hex as base64 of its bytes', hex, Buffer.from(hex, 'hex').toString('base64')],
    ['base64url in the standard alphabet', base64url, base64url.replaceAll('-', '+').replaceAll('_', '/')],
    ['base64 in the other alphabet', base64, base64.replaceAll('+', '-').replaceAll('/', '_')],
    ['base64 as hex of its bytes', base64, Buffer.from(base64, 'base64').toString('hex')],
  ];
  for (const [name, value, shape] of shapes) {
    it(`R04: is found as ${name}`, () => {
      expect(scrub(value, `x ${shape} y`)).toMatch(/^x \[redacted\]=* y$/);
    });
  }

  const token = `sk_live_${randomBytes(24).toString('base64url')}`;
  const b64 = (text: string) => Buffer.from(text).toString('base64');
  const hexOf = (text: string) => Buffer.from(text).toString('hex');
  const nested: readonly (readonly [string, string])[] = [
    ['base64 of base64', b64(b64(token))],
    ['hex of base64', hexOf(b64(token))],
    ['base64 of hex', b64(hexOf(token))],
    ['the dump of a Basic header', b64(`Authorization: Basic ${b64(`user:${token}`)}`)],
    [
      'base64 of percent escapes',
      b64(
        token
          .split('')
          .map((character) => `%${hexOf(character)}`)
          .join(''),
      ),
    ],
    [
      'quoted-printable',
      token
        .split('')
        .map((character) => `=${hexOf(character).toUpperCase()}`)
        .join(''),
    ],
    [
      'braced escapes',
      token
        .split('')
        .map((character) => `\\u{${hexOf(character)}}`)
        .join(''),
    ],
  ];
  for (const [name, text] of nested) {
    it(`R04: is found as ${name}`, () => {
      expect(leaks(scrub(token, `<${text}>`), [{ name: 'token', value: token, unguessableFrom: 8 }])).toEqual([]);
      expect(scrub(token, `<${text}>`)).toContain('[redacted]');
    });
  }

  const wrap = (text: string, width: number, by: string) => text.replace(new RegExp(`.{${width}}`, 'g'), `$&${by}`);
  const reverse = (text: string) => Array.from(text).toReversed().join('');
  const dump = (text: string, width: number) =>
    wrap(hexOf(text), 32, '\n')
      .split('\n')
      .map((line, i) => `${(i * 16).toString(16).padStart(8, '0')}: ${wrap(line, width, ' ')}`)
      .join('\n');
  const header = `Authorization: Basic ${b64(`user:${token}`)}`;
  const pairs: readonly (readonly [attack: string, name: string, text: string])[] = [
    ['R04', 'hex with spaces of base64', wrap(hexOf(b64(token)), 2, ' ')],
    ['R04', 'hex with colons of base64', wrap(hexOf(b64(token)), 2, ':')],
    ['R04', 'a dump of bytes of a Basic header', dump(header, 2)],
    ['R04', 'a dump of groups of a Basic header', dump(header, 4)],
    ['R04', 'hex at an odd digit of base64', `a${hexOf(b64(token))}`],
    ...['x', '/dump/', 'id_', 'abc'].map(
      (lead) => ['R03', `base64 of base64 after ${lead}`, lead + b64(b64(token))] as const,
    ),
    ...[5, 10, 16, 76].map(
      (width) => ['R03', `base64 of base64, wrapped at ${width}`, wrap(b64(b64(token)), width, '\r\n')] as const,
    ),
    ['R03', 'base64 of base64 that was wrapped', b64(wrap(b64(token), 10, '\n'))],
    ['R04', 'quoted-printable with soft line breaks', wrap(token, 8, '=\r\n')],
    ['R04', 'quoted-printable with short soft line breaks', wrap(token, 5, '=\n')],
    ['R04', 'UTF-16', Buffer.from(token, 'utf16le').toString('latin1')],
    ['R04', 'base64 of UTF-16', Buffer.from(token, 'utf16le').toString('base64')],
    ['R04', 'base64 of UTF-16, bytes the other way', Buffer.from(token, 'utf16le').swap16().toString('base64')],
    ['R04', 'hex of UTF-16', Buffer.from(token, 'utf16le').toString('hex')],
    ['R04', 'a list of numbers in hex', Array.from(token, (c) => `0x${hexOf(c)}`).join(', ')],
    ['R04', 'a list of numbers in hex, on lines', Array.from(token, (c) => `  0x${hexOf(c)},\n`).join('')],
    ['R04', 'octal escapes', Array.from(token, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`).join('')],
    ['R04', 'escapes of eight digits', Array.from(token, (c) => `\\U000000${hexOf(c)}`).join('')],
    ['R13', 'base64 that was reversed', reverse(b64(token))],
    ['R13', 'wrapped base64 that was reversed', reverse(wrap(b64(token), 7, '\n'))],
    ['R13', 'hex that was reversed', reverse(hexOf(token))],
    ['R13', 'base64 that was reversed, in base64', b64(reverse(b64(token)))],
  ];
  for (const [attack, name, text] of pairs) {
    it(`R03, R04, R13: is found as ${name} (${attack})`, () => {
      const clean = scrub(token, `<${text}>`);
      expect(clean).toContain('[redacted]');
      expect(leaks(clean, [{ name: 'token', value: token, unguessableFrom: 8 }])).toEqual([]);
    });
  }

  it('is found in part, where the part is random, beside words that anybody knows', () => {
    const tail = 'x9K2mQ7vT4bZ8nR1';
    expect(scrub(`CompanyProductionServiceAccountPassword${tail}`, `(${tail})`)).toBe('([redacted])');
  });

  for (const [value, honest] of [
    ['AcmeProductionDatabase7xQ2mK9vT4bZ8nR1', 'service AcmeProductionDatabase is up'],
    ['customer.support@example.com:7xQ2mK9vT4bZ8nR1', 'write to customer.support@example.com'],
  ] as const) {
    it(`I11: leaves alone what is no secret in it: ${honest}`, () => {
      expect(scrub(value, honest)).toBe(honest);
    });
  }

  it('I11: counts random groups as secret, not as a vendor prefix', () => {
    const value = 'kqzvw-xbtrm-plkjh-gfdsq-9X7c2Vb8N1m4Q';
    expect(scrub(value, '(plkjh-gfdsq-9X7c2)')).toBe('([redacted])');
  });
});
