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
