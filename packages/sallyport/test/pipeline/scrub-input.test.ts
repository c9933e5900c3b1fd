// A credential's value that an agent sends is in no record (I1), and the agent cannot tell that it was found there (I11).
import { beforeEach, expect, it } from 'vitest';
import { canonicalJson } from '../../src/domain/canonical-json.ts';
import { parseStrictJson } from '../../src/domain/strict-json.ts';
import { createScrubber } from '../../src/pipeline/create-scrubber.ts';
import { scrubbedInputText, scrubInput } from '../../src/pipeline/scrub-input.ts';
import { type Installation, install, refusalIn, replied, secretValue } from './installation.ts';
import { randomValue, registered } from './scrub/values.ts';

const scrubber = createScrubber(registered(secretValue));
const note = secretValue.slice(0, 40);

let site: Installation;
beforeEach(async () => {
  site = await install();
});

it('I1: takes it out of the details of a call that is made, and sends the input as it came', async () => {
  site.service = () => replied({ id: 1 });
  const outcome = await site.call('items.put', { id: 7, note });
  expect(outcome.ok).toBe(true);
  expect(site.sent[0]?.input).toEqual({ id: 7, note });
  expect(site.journal.details).toEqual([{ input: { id: 7, note: '[redacted]' } }]);
  expect(site.journal.entries[0]).toMatchObject({ inputBytes: canonicalJson({ id: 7, note }).length });
});

it('I1: takes it out of the details of a refused call: names, keys and values', async () => {
  expect(refusalIn(await site.call('items.put', { id: 7, [note]: note })).code).toBe('INPUT_INVALID');
  expect(refusalIn(await site.call(`items.${note}`, {})).code).toBe('OPERATION_NOT_AVAILABLE');
  expect(site.journal.details).toEqual([
    { name: 'items.put', input: { id: 7, '[redacted]': '[redacted]' } },
    { name: 'items.[redacted]' },
  ]);
});

it('I11: gives the same answer to an input with and without it', async () => {
  const answers = [];
  for (const text of [note, 'x'.repeat(note.length)]) {
    const { callId: _, ...answer } = await site.call('items.put', { id: 7, note: text });
    answers.push(answer);
  }
  expect(answers[0]).toEqual(answers[1]);
});

it('leaves a value without one as it is, the very object', () => {
  const value = { id: 7, deep: [{ text: 'a "quoted" \\ line\n' }] };
  expect(scrubInput(value, scrubber)).toBe(value);
});

it('keeps numbers beside it to the digit', () => {
  const value = parseStrictJson(`{"id":12345678901234567890,"note":"${note}"}`, { maxDepth: 8, numbers: 'keep' });
  expect(canonicalJson(scrubInput(value, scrubber))).toBe('{"id":12345678901234567890,"note":"[redacted]"}');
});

it('withholds the whole where a scrubber fails, and does not throw', () => {
  const fail = () => {
    throw new Error('broken');
  };
  const failing = { scrub: fail, scrubJson: fail };
  expect(scrubInput({ id: 7 }, failing)).toBe('[withheld: it held a credential]');
});

it('I1: gives the canonical text of an input, the very text where it holds no value', () => {
  const input = { note: `a ${note} b`, id: 7 };
  expect(scrubbedInputText(canonicalJson(input), input, scrubber)).toBe('{"id":7,"note":"a [redacted] b"}');
  const clean = { z: 1, a: 'a "quoted" \\ line\n' };
  expect(scrubbedInputText(canonicalJson(clean), clean, scrubber)).toBe(canonicalJson(clean));
});

it('I1: withholds an input whose structure spells a value', () => {
  const spelled = randomValue('spelled', 40, 'abcdefghiABCDEFGHI0123456789');
  const numbers = [...Buffer.from(spelled)].map((byte) => Number(byte.toString(16)));
  const input = { b: numbers, a: 'x' };
  const text = scrubbedInputText(canonicalJson(input), input, createScrubber(registered(spelled)));
  expect(text).toBe('"[withheld: it held a credential]"');
});

it('gives the text of the whole withheld where a scrubber fails, and does not throw', () => {
  const fail = () => {
    throw new Error('broken');
  };
  const failing = { scrub: fail, scrubJson: fail };
  expect(scrubbedInputText('{"id":7}', { id: 7 }, failing)).toBe('"[withheld: it held a credential]"');
});
