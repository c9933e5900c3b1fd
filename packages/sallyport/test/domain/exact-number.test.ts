// What is exact is decided by decimal value, not by spelling.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isExactNumber } from '../../src/domain/exact-number.ts';

describe('isExactNumber', () => {
  it('takes other spellings of the same number', () => {
    for (const literal of ['100', '1e2', '1.0e+2', '100.00', '0.1E3', '1000e-1', `0.${'0'.repeat(400)}1e403`]) {
      expect(isExactNumber(literal, Number(literal))).toBe(true);
    }
  });

  it('B3: refuses a neighbour of a double, and the sign of zero', () => {
    for (const literal of ['9007199254740993', '0.30000000000000000001', '-0', '-0.00', '1e309', '2e-324']) {
      expect(isExactNumber(literal, Number(literal))).toBe(false);
    }
  });

  it('B3: agrees with arithmetic on integers of any size', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), (integer) => {
        const value = Number(integer);
        const shortest = BigInt(value.toLocaleString('en', { useGrouping: false, maximumSignificantDigits: 17 }));
        if (isExactNumber(String(integer), value)) expect(Number(shortest)).toBe(value);
        if (BigInt(value) === integer && Math.abs(value) <= 2 ** 53)
          expect(isExactNumber(String(integer), value)).toBe(true);
        if (BigInt(value) !== integer && Math.abs(value) < 1e21) {
          expect(isExactNumber(String(integer), value)).toBe(BigInt(String(value)) === integer);
        }
      }),
    );
  });
});
