// Doubles hold few numbers exactly: a number that would reach the service as another one is found here, by its text.

const fewDigits = 15;

/** A decimal number as its digits without outer zeros and the power of ten of the last digit; empty digits are zero. */
interface Decimal {
  readonly digits: string;
  readonly exponent: number;
}

/**
 * Whether the shortest text of the double is, as a decimal number, the very number that the literal says.
 * @param literal a number that matches the grammar of RFC 8259
 */
export function isExactNumber(literal: string, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  // RFC 8785 writes -0 as 0, and so do most readers: the sign would be lost.
  if (value === 0 && literal.startsWith('-')) return false;
  // IEEE 754: 15 significant digits always survive, and without an exponent so few are within the normal range.
  if (literal.length <= fewDigits && !/e/i.test(literal)) return true;
  const written = decimalOf(literal);
  const held = decimalOf(String(value));
  return written.digits === held.digits && (written.digits === '' || written.exponent === held.exponent);
}

function decimalOf(literal: string): Decimal {
  const unsigned = literal.startsWith('-') ? literal.slice(1) : literal;
  const [mantissa = '', power = '0'] = unsigned.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const all = whole + fraction;
  const start = firstNonZero(all);
  const end = endOfLastNonZero(all);
  if (start >= end) return { digits: '', exponent: 0 };
  return { digits: all.slice(start, end), exponent: Number(power) - fraction.length + (all.length - end) };
}

// Loops rather than patterns: /0+$/ takes quadratic time on a long row of zeros.
function firstNonZero(digits: string): number {
  let index = 0;
  while (digits.charCodeAt(index) === 0x30) index += 1;
  return index;
}

function endOfLastNonZero(digits: string): number {
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === 0x30) end -= 1;
  return end;
}
