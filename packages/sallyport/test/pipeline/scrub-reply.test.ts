// What of a service's answer reaches an agent: the fields that the policy names, within its caps, without any registered value.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Execution, ReplyBody } from '../../src/connectors/connector.ts';
import type { JsonValue } from '../../src/domain/json-value.ts';
import type { ReplyPolicy } from '../../src/domain/reply-policy.ts';
import { parseStrictJson } from '../../src/domain/strict-json.ts';
import { createScrubber } from '../../src/pipeline/create-scrubber.ts';
import { scrubJson } from '../../src/pipeline/scrub-reply.ts';
import { shapeReply } from '../../src/pipeline/shape-reply.ts';
import { forms, randomValue, registered } from './scrub/values.ts';

const caps = { maxBytes: 100_000, maxRows: 3, headers: [] };

function shape(
  body: ReplyBody,
  policy: Partial<ReplyPolicy> & Pick<ReplyPolicy, 'kind'>,
  headers: readonly (readonly [string, string])[] = [],
) {
  const replied: Extract<Execution, { kind: 'replied' }> = {
    kind: 'replied',
    status: 200,
    headers,
    body,
    bytes: 0,
    isTruncated: false,
  };
  return shapeReply(replied, { ...caps, ...policy } as ReplyPolicy);
}

function fields(value: JsonValue, ...pointers: readonly string[]): JsonValue {
  return shape(
    { kind: 'json', value },
    { kind: 'fields', fields: pointers.map((pointer) => pointer.split('/').slice(1)) },
  ).value;
}

describe('a field allow-list', () => {
  it('keeps what it names, in its place, and nothing else', () => {
    const value = { id: 1, user: { name: 'n', token: 't' }, items: [{ a: 1, b: 2 }, { a: 3 }, 'x'], extra: true };
    expect(fields(value, '/id', '/user/name', '/items/*/a')).toEqual({
      id: 1,
      user: { name: 'n' },
      items: [{ a: 1 }, { a: 3 }],
    });
    expect(fields(value, '/user')).toEqual({ user: { name: 'n', token: 't' } });
    expect(fields(value, '/items/1')).toEqual({ items: [{ a: 3 }] });
    expect(fields(value, '/missing', '/id/deeper')).toEqual({});
    expect(fields([{ id: 1, x: 2 }], '/*/id')).toEqual([{ id: 1 }]);
  });

  it('B2: reads own properties only, and carries __proto__ as a name like any other', () => {
    expect(fields({ id: 1 }, '/constructor', '/toString', '/__proto__')).toEqual({});
    const hostile = JSON.parse('{"__proto__":{"a":1},"id":2}') as JsonValue;
    expect(JSON.stringify(fields(hostile, '/__proto__/a', '/id'))).toBe('{"__proto__":{"a":1},"id":2}');
  });

  it('G1: cuts arrays at the row cap and says so', () => {
    const shaped = shape({ kind: 'json', value: [1, 2, 3, 4] }, { kind: 'fields', fields: [['*']] });
    expect(shaped).toEqual({ value: [1, 2, 3], isTruncated: true });
  });

  it('takes columns of rows by name', () => {
    const rows = [{ id: 1, secret: 'x' }];
    expect(shape({ kind: 'rows', rows }, { kind: 'fields', fields: [['id']] }).value).toEqual({
      rows: [{ id: 1 }],
      truncated: false,
    });
  });

  it('I9: refuses a reply that is not JSON', () => {
    expect(() => shape({ kind: 'text', text: 'ok' }, { kind: 'fields', fields: [['id']] })).toThrow(
      expect.objectContaining({ code: 'UPSTREAM_REPLY_UNREADABLE' }),
    );
  });
});

describe('the other policies', () => {
  it('rows: as many as the cap, whole ones only, and whether there were more', () => {
    const rows = [1, 2, 3, 4].map((id) => ({ id, text: 'x'.repeat(40) }));
    expect(shape({ kind: 'rows', rows }, { kind: 'rows' }).value).toEqual({ rows: rows.slice(0, 3), truncated: true });
    expect(shape({ kind: 'rows', rows }, { kind: 'rows', maxBytes: 150 }).value).toEqual({
      rows: rows.slice(0, 2),
      truncated: true,
    });
    expect(() => shape({ kind: 'text', text: '' }, { kind: 'rows' })).toThrow('something else than rows');
  });

  it('none: only that it was done', () => {
    expect(shape({ kind: 'json', value: { secret: 1 } }, { kind: 'none' }).value).toEqual({ done: true });
  });

  it('all: the body as it is', () => {
    expect(shape({ kind: 'text', text: 'hello' }, { kind: 'all' }).value).toBe('hello');
    expect(shape({ kind: 'empty' }, { kind: 'all' }).value).toBeNull();
  });

  it('R02: passes the headers that are listed, beside the body', () => {
    const headers = [
      ['etag', '"1"'],
      ['set-cookie', 'a=b'],
      ['link', 'a'],
      ['link', 'b'],
    ] as const;
    expect(shape({ kind: 'empty' }, { kind: 'none', headers: ['etag', 'link', 'absent'] }, headers).value).toEqual({
      headers: { etag: '"1"', link: 'a, b' },
      body: { done: true },
    });
  });
});

describe('the JSON that leaves', () => {
  const exact = { maxDepth: 64, numbers: 'keep' } as const;
  const value = randomValue('reply');
  const scrubber = createScrubber(registered(value, 'pin83926401758392640175', '8362940175936284'));

  it('R01: holds a value in no string, key, header or nested text, in any form', () => {
    for (const [name, write] of Object.entries(forms)) {
      const reply = {
        [write(value)]: [write(value), { deep: `a ${write(value)} b` }],
        text: JSON.stringify({ v: write(value) }),
      };
      const { text, redactions } = scrubJson(reply, scrubber);
      expect(redactions, name).toBeGreaterThan(0);
      expect(() => JSON.parse(text), name).not.toThrow();
      expect(text.includes(value.slice(3, 15)), name).toBe(false);
    }
  });

  it('takes out a value of digits that is written as a number', () => {
    const reply = parseStrictJson('{"a":8362940175936284,"b":[18362940175936284],"c":83629401759.5}', exact);
    expect(JSON.parse(scrubJson(reply, scrubber).text)).toEqual({
      a: '[redacted]',
      b: ['1[redacted]'],
      c: 83629401759.5,
    });
  });

  it('B3: keeps numbers exact', () => {
    const text = '{"id":9007199254740993,"price":1.10,"big":1e400}';
    expect(scrubJson(parseStrictJson(text, exact), scrubber).text).toContain('9007199254740993');
  });

  it('I9: withholds a reply whose structure spells a value', () => {
    const digits = [...Buffer.from(value)].map((byte) => byte.toString(16)).filter((hex) => /^[0-9]+$/.test(hex));
    expect(digits.length).toBeGreaterThan(0);
    const spelled = randomValue('digits', 40, 'abcdefghiABCDEFGHI0123456789');
    const numbers = [...Buffer.from(spelled)].map((byte) => Number(byte.toString(16)));
    expect(numbers.every(Number.isInteger)).toBe(true);
    expect(() => scrubJson({ list: numbers }, createScrubber(registered(spelled)))).toThrow(
      expect.objectContaining({ code: 'UPSTREAM_REPLY_UNREADABLE' }),
    );
  });

  it('R16: is the JSON of the reply itself where nothing was found', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        const reply = json as JsonValue;
        expect(scrubJson(reply, scrubber)).toEqual({ text: JSON.stringify(reply), redactions: 0 });
      }),
    );
  });
});
