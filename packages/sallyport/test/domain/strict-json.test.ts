// One parse, by the letter: whatever JSON.parse reads in another way than a strict reader is refused.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ErrorCode, SallyportError } from '../../src/domain/errors.ts';
import { decodeUtf8, parseStrictJson } from '../../src/domain/strict-json.ts';

const refuse = { maxDepth: 32, numbers: 'refuse' } as const;
const keep = { maxDepth: 32, numbers: 'keep' } as const;

function codeOf(text: string, options: Parameters<typeof parseStrictJson>[1] = refuse): ErrorCode | 'accepted' {
  try {
    parseStrictJson(text, options);
    return 'accepted';
  } catch (error) {
    if (error instanceof SallyportError) return error.code;
    throw error;
  }
}

describe('parseStrictJson', () => {
  it('B1: refuses duplicate keys at any depth', () => {
    for (const text of ['{"a":1,"a":2}', '[{"x":{"a":1,"b":0,"a":1}}]', '{"a":1,"\\u0061":2}', '{"":1,"":2}']) {
      expect(codeOf(text)).toBe('REQUEST_JSON_DUPLICATE_KEY');
    }
  });

  it('B2: refuses __proto__ as a key, however it is written', () => {
    for (const text of ['{"__proto__":{}}', '[{"a":{"__pr\\u006fto__":1}}]']) expect(codeOf(text)).toBe('REQUEST_JSON');
  });

  it('B2: keeps keys of Object.prototype as own keys without touching the prototype', () => {
    const value = parseStrictJson('{"constructor":{"prototype":{"polluted":1}},"toString":2}', refuse);
    expect(Object.keys(value ?? {})).toEqual(['constructor', 'toString']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect('polluted' in {}).toBe(false);
  });

  it.each([
    '9007199254740993',
    '-9007199254740993',
    '1e400',
    '-1e400',
    '1e-400',
    '-0',
    '-0.0',
    '-0e5',
    '0.1000000000000000055511151231257827',
    '12345678901234567890',
    '1.00000000000000000001',
    '1e99999999999999999999',
    '1e-99999999999999999999',
  ])('B3: refuses %s, which a double does not hold', (literal) => {
    expect(codeOf(`{"id":[${literal}]}`)).toBe('REQUEST_JSON_NUMBER');
  });

  it.each([
    ['0', 0],
    ['1.0', 1],
    ['1e2', 100],
    ['1E+2', 100],
    ['0.1', 0.1],
    ['-1.5e-3', -0.0015],
    ['9007199254740992', 9007199254740992],
    ['999999999999999', 999999999999999],
    ['1000000000000000', 1000000000000000],
    ['1.7976931348623157e308', Number.MAX_VALUE],
    ['5e-324', Number.MIN_VALUE],
    ['0e99999', 0],
    ['10000000000000000000000', 1e22],
  ])('B3: takes %s, which a double holds', (literal, value) => {
    expect(parseStrictJson(literal, refuse)).toBe(value);
  });

  it('B3: keeps the text of numbers that a double does not hold where it is told to', () => {
    const value = parseStrictJson('{"id":9007199254740993,"huge":1e400,"small":1.50}', keep);
    expect(JSON.stringify(value)).toBe('{"id":9007199254740993,"huge":1e400,"small":1.5}');
  });

  it('B4: refuses lone surrogates, raw and escaped, in values and keys', () => {
    for (const text of ['"\ud800"', '"\\ud800"', '"\\udc00\\ud800"', '{"\\ud83d":1}', '"\ud83d\\ude00\\ude00"']) {
      expect(codeOf(text)).toBe('REQUEST_JSON_TEXT');
    }
    expect(parseStrictJson('"\\ud83d\\ude00"', refuse)).toBe('😀');
  });

  it('B4: refuses U+0000 and a byte order mark', () => {
    for (const text of ['"a\\u0000b"', '{"\\u0000":1}', '\ufeff{}']) expect(codeOf(text)).toBe('REQUEST_JSON_TEXT');
    expect(codeOf('"\u0000"')).toBe('REQUEST_JSON');
  });

  it('B7: refuses what stands after the value', () => {
    for (const text of ['{} {}', '1,', '[]]', 'null\u00a0', '{}\u0000', '1 //'])
      expect(codeOf(text)).toBe('REQUEST_JSON');
  });

  it('P04: refuses nesting beyond the limit, and takes the limit itself', () => {
    expect(codeOf('[[[1]]]', { maxDepth: 3, numbers: 'refuse' })).toBe('accepted');
    expect(codeOf('[[{"a":[1]}]]', { maxDepth: 3, numbers: 'refuse' })).toBe('REQUEST_JSON_DEPTH');
    expect(codeOf('['.repeat(1_000_000))).toBe('REQUEST_JSON_DEPTH');
    expect(codeOf('{"a":'.repeat(1_000_000), { maxDepth: 1e9, numbers: 'keep' })).toBe('REQUEST_JSON_DEPTH');
  });

  it.each([
    '',
    ' ',
    '{',
    '[',
    '"',
    '"\\',
    '"\\u12',
    '"\\u12g4"',
    '"\\x41"',
    "{'a':1}",
    '{a:1}',
    '[1,]',
    '{"a":1,}',
    '[,1]',
  ])('refuses %j, which is not JSON', (text) => expect(codeOf(text)).toBe('REQUEST_JSON'));

  it.each([
    '01',
    '-',
    '+1',
    '.5',
    '1.',
    '1e',
    '1e+',
    '0x10',
    'NaN',
    'Infinity',
    '1_000',
    '-1.',
    'nul',
    'True',
    '\u0661',
  ])('refuses %j, which is not a JSON value', (text) => expect(codeOf(text)).toBe('REQUEST_JSON'));

  it('says where the error stands, and nothing of what stands there', () => {
    expect(() => parseStrictJson('{\n  "token": "hunter2",\n  "token": 1 }', refuse)).toThrow(
      'line 3, column 3 of the JSON: the key stands in this object already',
    );
  });

  it('gives what JSON.parse gives for every value that it accepts', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), fc.nat(3), (text, space) => {
        const spaced = JSON.stringify(JSON.parse(text), null, space).replaceAll('-0', '0');
        if (codeOf(spaced) === 'accepted') expect(parseStrictJson(spaced, refuse)).toEqual(JSON.parse(spaced));
        else expect(spaced).toMatch(/__proto__|\\u0000|\\ud[89a-f]/);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives the number back that any double prints as', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        if (!Object.is(value, -0)) expect(parseStrictJson(String(value), refuse)).toBe(value);
      }),
      { numRuns: 5000 },
    );
  });

  it('V01: ends every one of 100 000 mutated texts with a value that JSON.parse has too, or with a code', () => {
    const seed = '{"a":[1,-2.5e10,"x\\u00e9\\n",{"b":null,"c":true}],"é😀":"\\ud83d\\ude00","n":9007199254740993}';
    const pieces = ['"', '\\', '{', '}', '[', ']', ',', ':', '0', '-', 'e', '.', 'u', ' ', '\u0000', '\ud800', 'null'];
    // A fixed linear congruential generator: the same texts in every run.
    let state = 20_261_124;
    const next = (below: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let run = 0; run < 100_000; run += 1) {
      let text = seed;
      for (let edits = next(4); edits >= 0; edits -= 1) {
        const at = next(text.length + 1);
        text = text.slice(0, at) + (pieces[next(pieces.length)] ?? '') + text.slice(at + next(3));
      }
      const code = codeOf(text, keep);
      expect(code === 'accepted' || code.startsWith('REQUEST_JSON')).toBe(true);
      if (code === 'accepted') JSON.parse(text);
      else if (code === 'REQUEST_JSON') expect(() => expectPlainJson(text)).toThrow();
    }
  });

  it('V01: reads a long text in linear time', () => {
    const zeros = `1${'0'.repeat(200_000)}`;
    expect(codeOf(zeros)).toBe('REQUEST_JSON_NUMBER');
    expect(codeOf(`[${'"\\n",'.repeat(100_000)}1]`)).toBe('accepted');
  });
});

// JSON.parse accepts __proto__, which we refuse under the same code.
function expectPlainJson(text: string): void {
  if (!text.includes('__proto__')) JSON.parse(text);
}

describe('decodeUtf8', () => {
  it('B4: refuses invalid, overlong and surrogate bytes', () => {
    for (const bytes of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0xf5, 0x80, 0x80, 0x80]]) {
      expect(() => decodeUtf8(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ code: 'REQUEST_JSON_TEXT' }));
    }
  });

  it('B4: keeps a byte order mark, so that the parser refuses it', () => {
    expect(codeOf(decodeUtf8(Uint8Array.from([0xef, 0xbb, 0xbf, 0x31])))).toBe('REQUEST_JSON_TEXT');
  });

  it('decodes UTF-8', () => {
    expect(decodeUtf8(new TextEncoder().encode('é😀'))).toBe('é😀');
  });
});
