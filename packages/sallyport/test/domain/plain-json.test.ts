// The native reader may be used only where it reads what the strict parser reads.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../src/domain/json-value.ts';
import { parsePlainJson } from '../../src/domain/plain-json.ts';
import { parseStrictJson } from '../../src/domain/strict-json.ts';

// An escape anywhere leaves the whole text to the strict parser.
function strictly(text: string): JsonValue | undefined {
  try {
    const both = parseStrictJson(`[${text},"\\n"]`, { maxDepth: 9, numbers: 'refuse' });
    return Array.isArray(both) && both.length === 2 ? both[0] : undefined;
  } catch {
    return undefined;
  }
}

describe('parsePlainJson', () => {
  it.each([
    '{"a":1,"a":2}',
    '[{"x":{"a":1,"b":0,"a":1}}]',
    '{"__proto__":1}',
    '[9007199254740993]',
    '[-0]',
    '[-0.0]',
    '[1e400]',
    '[0.1000000000000000055511151231257827]',
    '[[[[[[[[[1]]]]]]]]]',
    '{"a":1',
    '"a',
    '\ufeff{}',
    '["\u0000"]',
    '["\n"]',
  ])('B1, B2, B3, V01: leaves %j to the strict parser', (text) => {
    expect(parsePlainJson(text, 8)).toBeUndefined();
  });

  it('reads what the strict parser reads, and nothing that it refuses', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"b"',
      '"',
      '1',
      '-0',
      '1.5',
      '2e3',
      '0.0',
      '000',
      ' ',
      'true',
      'null',
      'é',
      '"__proto__"',
      '123456789012345',
      '1234567890123456',
    );
    const text = fc.oneof(
      fc.json({ maxDepth: 9 }),
      fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(
        text.filter((each) => each.isWellFormed()),
        (each) => {
          const plain = parsePlainJson(each, 8);
          if (plain !== undefined) expect(plain).toEqual(strictly(each));
        },
      ),
      { numRuns: 2000 },
    );
  });
});
