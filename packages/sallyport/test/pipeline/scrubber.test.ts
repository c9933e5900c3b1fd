// The scrubber takes out every window of a registered value, however it is written, and touches nothing else (I1, I11).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unguessablePart, windowLength } from '../../src/domain/entropy.ts';
import { createScrubber } from '../../src/pipeline/create-scrubber.ts';
import { anyValue, forms, randomValue, registered } from './scrub/values.ts';

const placeholder = '[redacted]';

/** What is left of a value after scrubbing must hold no window of it. */
function holdsWindow(text: string, value: string): boolean {
  const { start, end } = unguessablePart(value);
  const part = value.slice(start, end);
  const window = windowLength(value);
  for (let at = 0; at + window <= part.length; at += 1) if (text.includes(part.slice(at, at + window))) return true;
  return false;
}

describe('every form of a value', () => {
  for (const [name, write] of Object.entries(forms)) {
    it(`R03, R04: takes it out of a reply as ${name}`, () => {
      fc.assert(
        fc.property(anyValue, fc.constantFrom('', 'key=', 'Bearer ', '{"a":"', 'ü: '), (value, lead) => {
          fc.pre(Number.isFinite(windowLength(value)));
          const scrubbed = createScrubber(registered(randomValue('other'), value)).scrub(`${lead}${write(value)}" end`);
          expect(scrubbed.redactions).toBeGreaterThan(0);
          expect(scrubbed.text).toContain(placeholder);
          expect(holdsWindow(scrubbed.text, value)).toBe(false);
          // All but an edge of the form is gone.
          const left = scrubbed.text.length - lead.length - '" end'.length;
          expect(left).toBeLessThan(placeholder.length * scrubbed.redactions + write(value).length / 2 + 70);
        }),
        { numRuns: 40 },
      );
    });
  }

  it('R01: takes an echoed value out of JSON and leaves the rest as it was', () => {
    const value = randomValue(1);
    const text = JSON.stringify({ headers: { authorization: `Bearer ${value}`, accept: '*/*' }, n: 12345678901 });
    const { text: clean, redactions } = createScrubber(registered(value)).scrub(text);
    expect(JSON.parse(clean)).toEqual({
      headers: { authorization: 'Bearer [redacted]', accept: '*/*' },
      n: 12345678901,
    });
    expect(redactions).toBe(1);
  });

  it('R05: sees through JSON that spells any one character as an escape', () => {
    const value = randomValue(2, 30);
    const scrubber = createScrubber(registered(value));
    for (let at = 0; at < value.length; at += 1) {
      const escape = `\\u00${value.charCodeAt(at).toString(16)}`;
      expect(scrubber.scrub(`"${value.slice(0, at)}${escape}${value.slice(at + 1)}"`).text).toBe('"[redacted]"');
    }
  });

  it('takes out a window at every place of the value, in every form, and names the whole of it', () => {
    const value = randomValue(3, 24);
    const window = windowLength(value);
    const scrubber = createScrubber(registered(value));
    for (let at = 0; at + window <= value.length; at += 1) {
      const part = value.slice(at, at + window);
      for (const write of [
        'raw',
        'hex in upper case',
        'base64 at offset 0',
        'base64 at offset 1',
        'base64 at offset 2',
        'hex with spaces',
      ]) {
        expect(scrubber.scrub(`, ${forms[write]?.(part)} .`).redactions).toBe(1);
      }
    }
  });

  it.each([60, 101, 127])('R04: takes out hex whose digits stand %i spaces apart', (spaces) => {
    const value = randomValue(`far ${spaces}`, 34, '0123456789abcdef');
    const digits = Buffer.from(value.slice(4, 24)).toString('hex').split('');
    expect(createScrubber(registered(value)).scrub(digits.join(' '.repeat(spaces))).redactions).toBeGreaterThan(0);
  });

  it('R08: finds a part of a value that a cut left over', () => {
    const value = randomValue(4);
    const scrubber = createScrubber(registered(value));
    expect(scrubber.scrub(`...${value.slice(0, windowLength(value))}`).text).toBe('...[redacted]');
    expect(scrubber.scrub(`${value.slice(-windowLength(value))}...`).text).toBe('[redacted]...');
  });

  it('R09: takes out the value after a thousand decoys', () => {
    const value = randomValue(5);
    const decoys = Array.from({ length: 1000 }, (_, i) => `${value.slice(0, 7)}${randomValue(`decoy ${i}`, 33)}`).join(
      ' ',
    );
    const { text, redactions } = createScrubber(registered(value)).scrub(`${decoys} ${value}`);
    expect(redactions).toBe(1);
    expect(text).toBe(`${decoys} [redacted]`);
  });

  it('R09: takes out a hundred values, each of a hundred registered', () => {
    const values = Array.from({ length: 100 }, (_, i) => randomValue(`v${i}`));
    const { text, redactions } = createScrubber(registered(...values)).scrub(values.join(' '));
    expect(redactions).toBe(100);
    expect(text).toBe(values.map(() => placeholder).join(' '));
  });

  it('R10: takes out each part of a partial reveal that holds a window', () => {
    const value = randomValue(6);
    const { text } = createScrubber(registered(value)).scrub(
      `Incorrect key: ${value.slice(0, 12)}...${value.slice(-10)}`,
    );
    expect(text).toBe('Incorrect key: [redacted]...[redacted]');
  });

  it('L07: says nothing of how long a value is', () => {
    const texts = [24, 40, 90].map((length) => {
      const value = randomValue(`length-${length}`, length);
      return createScrubber(registered(value)).scrub(JSON.stringify({ key: value })).text;
    });
    expect(new Set(texts)).toEqual(new Set([`{"key":"${placeholder}"}`]));
  });

  it('R12: takes out every registered value, not only the one that was used', () => {
    const [first, second] = [randomValue('a'), randomValue('b')];
    expect(createScrubber(registered(first, second)).scrub(`${second}/${first}`).text).toBe('[redacted]/[redacted]');
  });

  it('R13: takes out a value that was reversed; a substitution is left to the field allow-list', () => {
    const value = randomValue(7);
    const scrubber = createScrubber(registered(value));
    expect(scrubber.scrub(Array.from(value).toReversed().join('')).redactions).toBe(1);
    const rot13 = value.replace(/[a-z]/gi, (c) =>
      String.fromCharCode(c.charCodeAt(0) + (c.toLowerCase() < 'n' ? 13 : -13)),
    );
    expect(scrubber.scrub(rot13).text).toBe(rot13);
  });

  it('takes the guessable prefix out together with the value', () => {
    const value = `ghp_${randomValue(8, 36)}`;
    expect(createScrubber(registered(value)).scrub(`token ${value}.`).text).toBe('token [redacted].');
  });
});

describe('what is not a match', () => {
  it('I11: does not touch one character less than a window, in any form', () => {
    const value = randomValue(9, 24);
    const scrubber = createScrubber(registered(value));
    const window = windowLength(value);
    for (let at = 0; at + window <= value.length; at += 1) {
      const part = value.slice(at, at + window - 1);
      for (const write of Object.values(forms)) {
        const text = `"${write(part)}"`;
        expect(scrubber.scrub(text)).toEqual({ text, redactions: 0 });
      }
    }
  });

  it('I11: does not answer to a vendor prefix or the header of a JWT', () => {
    const header = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url');
    const jwt = `${header}.${randomValue(10, 60)}.${randomValue(11, 43)}`;
    const scrubber = createScrubber(registered(`ghp_${randomValue(12, 36)}`, jwt));
    for (const text of ['ghp_', `ghp_${'A'.repeat(36)}`, header, `${header}.`]) {
      expect(scrubber.scrub(text)).toEqual({ text, redactions: 0 });
    }
  });

  it('R16: leaves ordinary text as it is, whatever is registered', () => {
    const scrubber = createScrubber(registered(...Array.from({ length: 50 }, (_, i) => randomValue(i))));
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), fc.base64String({ maxLength: 400 }), fc.json()),
        (text) => {
          expect(scrubber.scrub(text)).toEqual({ text, redactions: 0 });
        },
      ),
      { numRuns: 300 },
    );
    const listing = 'disk-usage_by.service?x=1&y=%20%41 \\n &amp; 0x41 deadbeef-dead-beef-dead-beefdeadbeef';
    expect(scrubber.scrub(listing).text).toBe(listing);
  });

  it('R16: registers nothing for a value that has no window', () => {
    const scrubber = createScrubber(registered('password', 'summer2026', ''));
    expect(scrubber.scrub('the password of summer2026').redactions).toBe(0);
  });

  it('leaves lone surrogates alone where nothing is taken out', () => {
    const text = 'a\ud800b and some more text around it';
    expect(createScrubber(registered(randomValue(1))).scrub(text).text).toBe(text);
  });
});

describe('what comes out', () => {
  it('is the same when it is scrubbed again', () => {
    fc.assert(
      fc.property(anyValue, fc.constantFrom(...Object.values(forms)), (value, write) => {
        const scrubber = createScrubber(registered(value));
        const once = scrubber.scrub(`a ${write(value)} ${write(value.slice(3))} b`).text;
        expect(scrubber.scrub(once)).toEqual({ text: once, redactions: 0 });
      }),
    );
  });

  it('is JSON again, wherever in a string the value stood', () => {
    fc.assert(
      fc.property(anyValue, fc.string(), fc.string(), (value, before, after) => {
        const text = JSON.stringify({
          [`${before}k`]: `${before}${value}${after}`,
          list: [`\n${value}`, `\\${value}"`, `é${value}é`],
        });
        const { text: clean, redactions } = createScrubber(registered(value)).scrub(text);
        expect(redactions).toBeGreaterThan(3);
        expect(() => JSON.parse(clean)).not.toThrow();
      }),
    );
  });

  it('cuts no character in two when a value ends between others', () => {
    const value = `${randomValue(1, 20)}äöü日本`;
    expect(createScrubber(registered(value)).scrub(`日${value}語`).text).toBe('日[redacted]語');
  });
});

describe('the cost', () => {
  const value = randomValue('cost', 64);
  const repetitive = `${randomValue('r', 9)}${randomValue('s', 16).repeat(40)}`;
  const texts: Readonly<Record<string, (bytes: number) => string>> = {
    'the value itself': (bytes) => value.repeat(bytes / value.length),
    'prefixes of the value': (bytes) => `${value.slice(0, 8)} `.repeat(bytes / 9),
    'prefixes of a repetitive value': (bytes) => repetitive.slice(9, 60).repeat(bytes / 51),
    'base64 of the value': (bytes) => Buffer.from(value.repeat(bytes / 86)).toString('base64'),
    'pieces of base64': (bytes) => `${Buffer.from(value).toString('base64').slice(0, 10)}\n`.repeat(bytes / 11),
    'hex digits': (bytes) =>
      Buffer.from(value)
        .toString('hex')
        .slice(0, 15)
        .repeat(bytes / 15),
    'one base64 digit and white space': (bytes) => `${value.slice(0, 5)}${' '.repeat(bytes - 5)}`,
    backslashes: (bytes) => '\\'.repeat(bytes),
    'backslashes before values': (bytes) => `${'\\'.repeat(100)}${value}`.repeat(bytes / 164),
    ampersands: (bytes) => '&#'.repeat(bytes / 2),
    'escapes of escapes': (bytes) => '%2541&amp;#65;\\\\u0041'.repeat(bytes / 21),
  };
  for (const [name, make] of Object.entries(texts)) {
    it(`V01: grows with the text and no faster: ${name}`, () => {
      const scrubber = createScrubber(registered(value, repetitive));
      const cost = (text: string): number => {
        const times = Array.from({ length: 3 }, () => {
          const before = process.cpuUsage();
          scrubber.scrub(text);
          const { user, system } = process.cpuUsage(before);
          return user + system;
        });
        return Math.min(...times);
      };
      const [small, large] = [make(250_000), make(1_000_000)];
      cost(small);
      // Four times the text; a quadratic case would cost sixteen times as much.
      expect(cost(large) / (cost(small) + 2_000)).toBeLessThan(9);
    });
  }
});

describe('closing', () => {
  it('forgets every value', () => {
    const value = randomValue(1);
    const scrubber = createScrubber(registered(value));
    scrubber.close();
    expect(scrubber.scrub(value).redactions).toBe(0);
  });
});
