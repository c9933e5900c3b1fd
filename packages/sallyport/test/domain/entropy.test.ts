// The claims about entropy: what people choose is refused, what machines draw is accepted, and windows hold 48 bits.
import { randomInt, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateBits, minimumBits, unguessablePart, windowLength } from '../../src/domain/entropy.ts';

const digits = '0123456789';
const lower = 'abcdefghijklmnopqrstuvwxyz';
const base62 = `${lower}${lower.toUpperCase()}${digits}`;

const chosenByPeople = `
summer2026 Password123! aaaaaaaaaaaaaaaaaaaaaaaa 1234567890123456 correct-horse changeme_changeme correct-horse-battery-staple
Summer2026!Winter2025! qwertyuiopasdfghjkl P@ssw0rd!2024 Tr0ub4dor&3 admin123admin123 letmein-letmein Companyname2024!
iloveyou123456789 JenniferAndMichael2010 ThisIsMyPassword2024! 11223344556677889900 Berlin-Hamburg-2023 Welcome1Welcome1!
MyDogRex2019Max! 00112233445566778899aabbccddeeff 0123456789abcdef0123456789abcdef abcabcabcabcabcabcabc sk_live_test
example-api-key-0001 orders-service-dev-key sk_test_xxxxxxxxxxxxxxxxxxxxxxxx 1qaz2wsx3edc4rfv postgres://app:secret@db/orders
`.split(/\s+/);

function draw(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}

function part(value: string): string {
  const { start, end } = unguessablePart(value);
  return value.slice(start, end);
}

function refusedShare(alphabet: string, length: number): number {
  const count = 2000;
  const refused = Array.from({ length: count }, () => estimateBits(draw(alphabet, length)) < minimumBits);
  return refused.filter(Boolean).length / count;
}

describe('estimateBits', () => {
  it.each(chosenByPeople)('finds under 48 bits in %j', (value) => {
    expect(estimateBits(value)).toBeLessThan(minimumBits);
  });

  // Measured over 5,000 tokens of each length: 9 characters 2.9 %, 10 0.7 %, 11 0.4 %, 12 0.5 %, 14 0.1 %, 16 none.
  it.each([
    [9, 0.07],
    [10, 0.03],
    [11, 0.02],
    [12, 0.02],
    [16, 0.005],
  ])('accepts nearly every random base62 token of %i characters', (length, share) => {
    expect(refusedShare(base62, length)).toBeLessThan(share);
  });

  it('accepts nearly every random hex token of 12 characters, and of 16 and more', () => {
    expect(refusedShare('0123456789abcdef', 12)).toBeLessThan(0.07);
    expect(refusedShare('0123456789abcdef', 16)).toBeLessThan(0.01);
  });

  it('accepts every random token of 128 bits and more', () => {
    expect(refusedShare(base62, 32)).toBe(0);
    expect(refusedShare('0123456789abcdef', 32)).toBe(0);
  });

  it('takes a passphrase of five unrelated words for no vendor prefix, with a digit at its end too', () => {
    expect(part('planet-window-finger-market-clever-9')).toBe('planet-window-finger-market-clever-9');
    expect(estimateBits('planet-window-finger-market-clever-9')).toBeGreaterThan(minimumBits);
  });

  it('counts 122 bits in a random UUID', () => {
    expect(estimateBits(randomUUID())).toBe(122);
  });

  it('never counts more than six bits a character, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => estimateBits(text) <= 6 * text.length),
    );
  });

  it('adds nothing for repeating a value', () => {
    const value = draw(base62, 8);
    expect(estimateBits(value.repeat(50))).toBeLessThan(estimateBits(value) + 12);
  });

  it('measures a value of 16 KiB without quadratic work', () => {
    expect(estimateBits('ab'.repeat(8192))).toBeLessThan(minimumBits);
    expect(estimateBits(draw(base62, 16_384))).toBeGreaterThan(1000);
  });
});

describe('unguessablePart', () => {
  const random = draw(base62, 24);

  it.each(['sk_live_', 'glpat-', 'sk-ant-api03-', 'xoxb-123456789012-1234567890123-', 'SG.', 'AIzaSy', 'shop_test_'])(
    'leaves out the vendor prefix %s',
    (prefix) => {
      // The digit keeps the random rest from looking like one more word.
      expect(part(`${prefix}7${random}`)).toBe(`7${random}`);
    },
  );

  it('leaves out the checksum at the end of a GitHub token', () => {
    const body = draw(base62, 30);
    expect(part(`ghp_${body}a1B2c3`)).toBe(body);
  });

  it('leaves out header and payload of a JWT', () => {
    expect(part(`eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJib3QifQ.${random}`)).toBe(random);
  });

  it('finds nothing in an unsigned JWT', () => {
    expect(estimateBits('eyJhbGciOiJub25lIn0.eyJzdWIiOiJib3QifQ.')).toBe(0);
  });

  it.each([
    ['postgres://app:', '@db.internal:5432/orders'],
    ['Server=db.internal;User Id=app;Password=', ';Encrypt=yes'],
    ['https://hooks.example/services/T0000/B0000/', ''],
    ['https://', '@errors.example/42'],
  ])('takes only the secret of a connection string (%s…%s)', (before, after) => {
    expect(part(`${before}${random}${after}`)).toBe(random);
  });

  it('takes the password up to the last @ of the authority', () => {
    expect(part('mysql://app:p@ss@db.internal/orders')).toBe('p@ss');
  });

  it('always lies within the value', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), (value) => {
        const { start, end } = unguessablePart(value);
        return start >= 0 && start <= end && end <= value.length;
      }),
    );
  });
});

describe('windowLength', () => {
  it('is 9 for base62, 12 for hex and 10 for lower case with digits', () => {
    expect(windowLength('51HqLyjWDarjtT1zdp7dcXYZ')).toBe(9);
    expect(windowLength('sk_live_51HqLyjWDarjtT1zdp7dcXYZ')).toBe(9);
    expect(windowLength('9f86d081884c7d659a2feaa0c55ad015')).toBe(12);
    expect(windowLength('k3v9x1q8z7w2m5t0r4y6')).toBe(10);
  });

  it('is longer where part of a value was chosen by a person', () => {
    expect(windowLength('correct-horse-battery-staple-k3v9x1q8z')).toBeGreaterThan(12);
  });

  it('is infinite where the whole value holds fewer than 48 bits', () => {
    expect(windowLength('summer2026')).toBe(Number.POSITIVE_INFINITY);
  });

  it('counts neither the hyphens nor the fixed digits of a UUID', () => {
    expect(windowLength('8f6ec6fb-5898-4d60-a468-710dff60d04c')).toBe(18);
  });

  it('fits into every value that is accepted', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8, maxLength: 60 }), (value) => {
        return estimateBits(value) < minimumBits || windowLength(value) <= part(value).length;
      }),
    );
  });
});
