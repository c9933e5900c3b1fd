// A reply that would keep the scrubber busy is withheld, and no ordinary one comes near that; judged by counting, never by time.
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../src/domain/json-value.ts';
import { createScrubber } from '../../../src/pipeline/create-scrubber.ts';
import { ScanWork, workOfReply } from '../../../src/pipeline/scrub/scan-work.ts';
import { scrubJson } from '../../../src/pipeline/scrub-reply.ts';
import { ordinaryReplies } from './replies.ts';
import { randomValue, registered } from './values.ts';

const value = `shop_${randomValue('work')}`;
const scrubber = createScrubber(registered(value, randomValue('other'), `ghp_${randomValue('third', 36)}`));

/** How much of its allowance a reply takes. */
function share(reply: unknown): number {
  const text = JSON.stringify(reply);
  const work = new ScanWork(Number.POSITIVE_INFINITY);
  scrubber.scrubJson(text, work);
  return work.spent / workOfReply(text.length).limit;
}

describe('an ordinary reply', () => {
  for (const [name, make] of Object.entries(ordinaryReplies)) {
    it(`R16: takes a part of its allowance, large or small: ${name}`, () => {
      for (const bytes of [1_000, 30_000, 500_000]) expect(share(make(bytes))).toBeLessThan(0.8);
    });
  }

  it('R01: is released without the value that stands in it', () => {
    const reply = { page: ordinaryReplies['HTML within JSON within JSON']?.(100_000), key: value } as JsonValue;
    expect(scrubJson(reply, scrubber).text).toMatch(/"key":"\[redacted\]"}$/);
  });
});

describe('a hostile reply', () => {
  const part = Buffer.from(value.slice(5, 12));
  const digits = `${part.toString('base64').slice(0, 9)}${part.toString('hex')}`;
  const hostile = (bytes: number): string => {
    const piece = `%2525&amp;amp;=3D3D\\\\\\\\${digits}`;
    return piece.repeat(bytes / piece.length);
  };

  it('V01, I9: is withheld when many encodings within each other hold pieces of a value', () => {
    for (const bytes of [100_000, 900_000]) {
      expect(() => scrubJson({ a: hostile(bytes) }, scrubber)).toThrow(
        expect.objectContaining({ code: 'UPSTREAM_REPLY_UNREADABLE' }),
      );
    }
  });

  it('V01: takes no more than a fixed share for each byte, in whatever it repeats', () => {
    const pieces = [
      hostile(100),
      digits,
      `${digits}.`,
      '%25',
      '&amp;',
      '&#38;',
      '\\\\',
      '\\u{41}',
      '=3D',
      'QUJD',
      '&a',
      'PjQ+',
    ];
    for (const piece of pieces) {
      const text = JSON.stringify(piece.repeat(100_000 / piece.length));
      const work = workOfReply(text.length);
      try {
        scrubber.scrubJson(text, work);
      } catch {
        // Counted all the same.
      }
      // One view, or one walk, may pass the limit.
      expect(work.spent).toBeLessThan(work.limit + 3 * text.length);
    }
  });

  it('I9: is withheld, not released, in the middle of a value', () => {
    expect(() => scrubber.scrub(`${value} ${value}`, new ScanWork(20))).toThrow(
      expect.objectContaining({ code: 'UPSTREAM_REPLY_UNREADABLE' }),
    );
  });
});
