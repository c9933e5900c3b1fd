// Our HMAC is that of the runtime, for every key and every length.
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hmac, hmacText } from '../../src/audit/hmac.ts';

const key = fc.uint8Array({ minLength: 0, maxLength: 64 });

it('gives what the runtime gives for bytes', () => {
  const message = fc.uint8Array({ maxLength: 200 });
  fc.assert(
    fc.property(key, message, (k, m) => {
      expect(hmac(k, m)).toEqual(createHmac('sha256', k).update(m).digest());
    }),
  );
});

it('gives what the runtime gives for texts', () => {
  fc.assert(
    fc.property(key, fc.string({ unit: 'binary' }), (k, m) => {
      expect(hmacText(k, m)).toBe(createHmac('sha256', k).update(m).digest('base64url'));
    }),
  );
});

it.each([2730, 2731, 8192, 8193, 100_000])('gives what the runtime gives for %i units', (units) => {
  const text = 'é'.repeat(units);
  const bytes = Buffer.alloc(units, 5);
  expect(hmacText(bytes.subarray(0, 32), text)).toBe(
    createHmac('sha256', bytes.subarray(0, 32)).update(text).digest('base64url'),
  );
  expect(hmac(bytes.subarray(0, 32), bytes)).toEqual(
    createHmac('sha256', bytes.subarray(0, 32)).update(bytes).digest(),
  );
});
