// Equal values must have one text, whatever order and spelling they came in.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, isRawJsonNumber } from '../../src/domain/canonical-json.ts';
import type { JsonValue } from '../../src/domain/json-value.ts';
import { parseStrictJson } from '../../src/domain/strict-json.ts';

const keep = { maxDepth: 32, numbers: 'keep' } as const;

describe('canonicalJson', () => {
  it('sorts keys by UTF-16 code units (the example of RFC 8785 §3.2.3)', () => {
    const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 };
    expect(Object.keys(JSON.parse(canonicalJson(value)))).toHaveLength(7);
    expect(canonicalJson(value)).toBe('{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}');
  });

  it('writes numbers, literals and strings as RFC 8785 does', () => {
    const text =
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"literals":[null,true,false],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/"}';
    expect(canonicalJson(JSON.parse(text))).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('B3: writes numbers that were kept as text verbatim', () => {
    expect(canonicalJson(parseStrictJson('{"b":9007199254740993, "a":1.50}', keep))).toBe(
      '{"a":1.5,"b":9007199254740993}',
    );
  });

  it('B12: does not take an object of the agent for a number that was kept', () => {
    const value = parseStrictJson('{"rawJSON":"1,\\"admin\\":true"}', keep);
    expect(isRawJsonNumber(value)).toBe(false);
    expect(canonicalJson(value)).toBe('{"rawJSON":"1,\\"admin\\":true"}');
  });

  it('is the same for every order of keys, and parses back to the value', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const value = JSON.parse(json);
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(reversed(value))).toBe(text);
      }),
    );
  });
});

function reversed(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  const entries: (readonly [string, JsonValue])[] = Object.entries(value);
  return Object.fromEntries(entries.toReversed().map(([key, field]) => [key, reversed(field)]));
}
