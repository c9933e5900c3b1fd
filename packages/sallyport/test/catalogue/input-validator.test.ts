// Inputs are hostile until they have passed here: no coercion, no undeclared key, no value that means something else elsewhere.
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../src/domain/json-value.ts';
import { parseStrictJson } from '../../src/domain/strict-json.ts';
import { inputsOf } from './inputs.ts';

const order = inputsOf(
  {
    id: { type: 'integer', minimum: 1, maximum: 1_000_000 },
    note: { type: 'string', maxLength: 20, default: 'none' },
    repo: { enum: ['shop-web', 'shop-api'], default: 'shop-web' },
    lines: {
      type: 'array',
      maxItems: 5,
      optional: true,
      items: {
        type: 'object',
        properties: { sku: { type: 'string', pattern: '^[a-z]+$' }, count: { type: 'integer', default: 1 } },
        required: ['sku'],
      },
    },
  },
  ['note', 'repo', 'lines'],
);

function issuesOf(input: JsonValue, inputs = order): readonly string[] {
  const validation = inputs.validate(input);
  return validation.ok ? [] : validation.issues.map(({ pointer, rule }) => `${pointer} ${rule}`);
}

describe('validate', () => {
  it('takes a valid input and fills defaults at every level', () => {
    const validation = order.validate({ id: 7, lines: [{ sku: 'a' }, { sku: 'b', count: 2 }] });
    expect(validation).toEqual({
      ok: true,
      input: {
        id: 7,
        note: 'none',
        repo: 'shop-web',
        lines: [
          { sku: 'a', count: 1 },
          { sku: 'b', count: 2 },
        ],
      },
    });
  });

  it('never changes its argument, and gives a frozen copy that inherits nothing', () => {
    const input = { id: 7, lines: [{ sku: 'a' }] };
    const validation = order.validate(input);
    expect(input).toEqual({ id: 7, lines: [{ sku: 'a' }] });
    if (!validation.ok) throw new Error('refused');
    expect(Object.isFrozen(validation.input)).toBe(true);
    expect(Object.isFrozen(validation.input['lines'])).toBe(true);
    expect(validation.input['constructor']).toBeUndefined();
    input.lines.push({ sku: 'b' });
    expect(validation.input['lines']).toHaveLength(1);
  });

  it('B5: refuses null, arrays and objects where a string is declared', () => {
    for (const note of [null, ['a'], { a: 1 }, 7, true]) {
      expect(issuesOf({ id: 1, note })).toEqual(['/note must be string']);
    }
  });

  it('B5: coerces nothing', () => {
    for (const id of ['7', true, null, [7], 7.5]) expect(issuesOf({ id })).toEqual(['/id must be integer']);
  });

  it('B6: refuses undeclared keys at every level, naming the key and no value', () => {
    expect(issuesOf({ id: 1, limitt: 'hunter2' })).toEqual(['/limitt is not an input that is known here']);
    expect(issuesOf({ id: 1, lines: [{ sku: 'a', admin: true }] })).toEqual([
      '/lines/0/admin is not an input that is known here',
    ]);
    expect(issuesOf({ id: 1, 'sk live\n4eC39': 1 })).toEqual([' is not an input that is known here']);
  });

  it('B7: refuses an input that is not one object', () => {
    for (const input of [null, [], [{ id: 1 }], 'x', 1]) expect(issuesOf(input)).toEqual([' must be object']);
  });

  it('B2: refuses prototype keys, as any undeclared key', () => {
    expect(issuesOf(JSON.parse('{"id":1,"__proto__":{"note":"x"}}'))).toEqual([' must not have the key __proto__']);
    expect(issuesOf({ id: 1, constructor: 1 })).toEqual(['/constructor is not an input that is known here']);
    expect(issuesOf({ id: 1, lines: [{ sku: 'a', toString: 1, valueOf: 2 }] })).toHaveLength(2);
  });

  it('B3: refuses a number that was kept as text, wherever it stands', () => {
    const kept = parseStrictJson('{"id":9007199254740993}', { maxDepth: 8, numbers: 'keep' });
    expect(issuesOf(kept)).toEqual(['/id must be an exact number']);
    const open = inputsOf({ raw: { type: 'object', properties: { rawJSON: { type: 'string' } } } });
    const nested = parseStrictJson('{"raw":1e400}', { maxDepth: 8, numbers: 'keep' });
    expect(issuesOf(nested, open)).toEqual(['/raw must be an exact number']);
    expect(issuesOf({ raw: { rawJSON: '1' } }, open)).toEqual([]);
  });

  it('B3: refuses numbers that are not JSON', () => {
    for (const id of [Number.NaN, Number.POSITIVE_INFINITY, -0])
      expect(issuesOf({ id })).toEqual(['/id must be an exact number']);
  });

  it('B4: refuses lone surrogates and NUL in text', () => {
    for (const note of ['\ud800', 'a\u0000'])
      expect(issuesOf({ id: 1, note })).toEqual(['/note must be well-formed text']);
    expect(issuesOf({ id: 1, 'a\udc00': 1 })).toEqual([' must have well-formed keys']);
  });

  it('B4: does not take a lookalike for an allowed value', () => {
    for (const repo of ['shop-api\u200b', 'shop\u2010api', 'SHOP-API', 'shop-api ']) {
      expect(issuesOf({ id: 1, repo })).toEqual(['/repo must be one of the values of the schema']);
    }
  });

  it('B4: takes text that is not normalised as the text that it is, and for no other', () => {
    const inputs = inputsOf({ place: { enum: ['caf\u00e9', '\u00c5'] }, note: { type: 'string', maxLength: 5 } });
    for (const place of ['cafe\u0301', '\u212b', 'A\u030a']) {
      expect(issuesOf({ place, note: '' }, inputs)).toEqual(['/place must be one of the values of the schema']);
    }
    const validation = inputs.validate({ place: 'caf\u00e9', note: 'cafe\u0301' });
    expect(validation).toEqual({ ok: true, input: { place: 'caf\u00e9', note: 'cafe\u0301' } });
    expect(issuesOf({ place: '\u00c5', note: 'cafe\u0301s' }, inputs)).toHaveLength(1);
  });

  it('B12: compares objects of the agent as data, whatever their keys are called', () => {
    const inputs = inputsOf({
      mode: { enum: ['a', { type: 'b' }, 1] },
      tags: { type: 'array', uniqueItems: true, items: { type: 'string' } },
    });
    for (const mode of [
      { valueOf: 1, toString: 2 },
      { rawJSON: '1' },
      { __entity: { type: 'b' } },
      ['a'],
      { type: 'b', more: 1 },
    ]) {
      expect(issuesOf({ mode, tags: [] }, inputs)).toEqual(['/mode must be one of the values of the schema']);
    }
    expect(issuesOf({ mode: { type: 'b' }, tags: ['a', '__proto'] }, inputs)).toEqual([]);
    expect(issuesOf({ mode: 1, tags: ['a', 'b', 'a'] }, inputs)).toEqual(['/tags must not have two equal items']);
  });

  it('keeps the patterns of two inputs apart', () => {
    const inputs = inputsOf({ a: { type: 'string', pattern: '^a+$' }, b: { type: 'string', pattern: '^b+$' } });
    expect(issuesOf({ a: 'aa', b: 'bb' }, inputs)).toEqual([]);
    expect(issuesOf({ a: 'bb', b: 'aa' }, inputs)).toEqual([
      '/a must match pattern "^a+$"',
      '/b must match pattern "^b+$"',
    ]);
  });

  it('takes a price as a multiple of a cent', () => {
    const inputs = inputsOf({ price: { type: 'number', multipleOf: 0.01 } });
    for (const price of [19.99, 0.07, 1.1, 3]) expect(issuesOf({ price }, inputs)).toEqual([]);
    expect(issuesOf({ price: 0.005 }, inputs)).toEqual(['/price must be multiple of 0.01']);
  });

  it('names each missing input', () => {
    expect(issuesOf({})).toEqual([" must have required property 'id'"]);
  });

  it('names at most 20 issues', () => {
    const inputs = inputsOf({ list: { type: 'array', maxItems: 10_000, items: { type: 'string' } } });
    expect(issuesOf({ list: Array.from({ length: 5000 }, () => 1) }, inputs)).toHaveLength(20);
  });

  it('V01: refuses more values, and deeper ones, than any operation needs', () => {
    const inputs = inputsOf({ list: { type: 'array', items: { type: 'integer' } } });
    expect(issuesOf({ list: Array.from({ length: 1_000_000 }, () => 1) }, inputs)).toEqual([
      ' must hold at most 100000 values',
    ]);
    let deep: JsonValue = 1;
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    expect(issuesOf({ list: deep }, inputs)[0]).toMatch(/must not be nested so deeply$/);
  });

  it('V01: matches a pattern that stalls backtracking expressions in linear time', () => {
    const inputs = inputsOf({ text: { type: 'string', maxLength: 200_000, pattern: '^(a+)+$' } });
    expect(issuesOf({ text: `${'a'.repeat(100_000)}!` }, inputs)).toHaveLength(1);
  });

  it('checks the formats that it knows', () => {
    const inputs = inputsOf({
      day: { type: 'string', format: 'date' },
      at: { type: 'string', format: 'date-time' },
      id: { type: 'string', format: 'uuid' },
    });
    const good = { day: '2028-02-29', at: '2026-11-24T08:00:00.5+01:00', id: '01890a5d-ac96-774b-bcce-b302099a8057' };
    expect(issuesOf(good, inputs)).toEqual([]);
    for (const day of ['2027-02-29', '2026-13-01', '2026-1-1', '2026-00-10', '2026-04-31', '２026-01-01']) {
      expect(issuesOf({ ...good, day }, inputs)).toEqual(['/day must match format "date"']);
    }
    for (const at of [
      '2026-11-24',
      '2026-11-24T25:00:00Z',
      '2026-11-24 08:00:00Z',
      '2026-11-24T08:00:00',
      '2026-11-24T08:00:60Z',
    ]) {
      expect(issuesOf({ ...good, at }, inputs)).toEqual(['/at must match format "date-time"']);
    }
    expect(issuesOf({ ...good, id: '01890a5d-ac96-774b-bcce-b302099a805g' }, inputs)).toEqual([
      '/id must match format "uuid"',
    ]);
  });
});
