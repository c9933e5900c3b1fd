// Conditions compare exactly and without coercion; what cannot be compared is neither met nor unmet.
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/domain/json-value.ts';
import { compileCondition } from '../../src/policy/condition.ts';

function result(fragment: JsonObject, value: JsonValue | undefined): string {
  const compiled = compileCondition([], fragment);
  if (!compiled.ok) throw new Error(compiled.problems.map(({ message }) => message).join());
  return compiled.condition(value);
}

const raw = (JSON as unknown as { rawJSON(text: string): JsonValue }).rawJSON('1e400');

describe('a condition', () => {
  it.each<[JsonObject, JsonValue]>([
    [{ const: 'a' }, 'a'],
    [{ const: { a: 1, b: [null] } }, { b: [null], a: 1 }],
    [{ const: null }, null],
    [{ enum: [1, 'two'] }, 'two'],
    [{ minimum: 1, maximum: 2 }, 2],
    [{ exclusiveMinimum: 1 }, 1.0000001],
    [{ exclusiveMaximum: 1 }, -1e300],
    [{ pattern: 'b' }, 'abc'],
    [{ minLength: 1, maxLength: 1 }, '😀'],
  ])('%j is met by %j', (fragment, value) => {
    expect(result(fragment, value)).toBe('met');
  });

  it.each<[JsonObject, JsonValue | undefined]>([
    [{ const: 1 }, '1'],
    [{ const: 'true' }, true],
    [{ const: 0 }, false],
    [{ const: null }, undefined],
    [{ const: [1, 2] }, [2, 1]],
    [{ const: {} }, []],
    [{ enum: [1, 2] }, [1]],
    [{ maximum: 5 }, '3'],
    [{ maximum: 5 }, null],
    [{ maximum: 5 }, [3]],
    [{ maximum: 5 }, { valueOf: 3 }],
    [{ maximum: 5 }, undefined],
    [{ exclusiveMinimum: 1 }, 1],
    [{ exclusiveMaximum: 1 }, 1],
    [{ pattern: '^a$' }, 'a\n'],
    [{ pattern: '1' }, 1],
    [{ pattern: 'a' }, ['a']],
    [{ maxLength: 3 }, 12],
    [{ minLength: 2 }, '😀'],
    [{ maxLength: 3 }, []],
    [{ minimum: 1, maximum: 2 }, 3],
  ])('P10: %j is not met by %j', (fragment, value) => {
    expect(result(fragment, value)).toBe('unmet');
  });

  // One text for the eye, several for a machine: composed, decomposed, compatible, and of another alphabet.
  it.each<[JsonObject, JsonValue]>([
    [{ const: 'caf\u00e9' }, 'cafe\u0301'],
    [{ const: 'cafe\u0301' }, 'caf\u00e9'],
    [{ enum: ['\u00c5ngstr\u00f6m'] }, '\u212bngstr\u00f6m'],
    [{ enum: ['file'] }, '\ufb01le'],
    [{ pattern: '^[a-z]+$' }, '\uff41\uff42'],
    [{ const: { 'caf\u00e9': 1 } }, { 'cafe\u0301': 1 }],
    [{ maxLength: 4 }, 'cafe\u0301'],
  ])('B4: %j is not met by %j, which is another text', (fragment, value) => {
    expect(result(fragment, value)).toBe('unmet');
  });

  it.each<[JsonObject, JsonValue]>([
    [{ maximum: 5 }, raw],
    [{ minimum: 5 }, Number.NaN],
    [{ const: 1 }, raw],
    [{ enum: [[1]] }, [raw]],
    [{ const: { a: 1 } }, { a: Number.POSITIVE_INFINITY }],
  ])('P10: %j cannot be decided on a number that is not exact', (fragment, value) => {
    expect(result(fragment, value)).toBe('unknown');
  });
});
