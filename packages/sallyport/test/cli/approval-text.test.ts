// What a person reads before a yes: everything that would be sent, and nothing that only looks like it.
import { describe, expect, it } from 'vitest';
import type { ApprovalDetail } from '../../src/admin/client-shapes.ts';
import { approvalText as approvalLines } from '../../src/cli/approval-text.ts';

const detail: ApprovalDetail = {
  id: 'a-1',
  agent: 'bot',
  operation: 'orders.close',
  state: 'pending',
  rule: 'agents.bot.may[0]',
  requestedAtMs: 0,
  expiresAtMs: 60_000,
  effect: 'write',
  description: 'Close an order.',
  service: 'shop-db',
  request: 'sql',
  isOutdated: false,
  input: '{"id":7}',
  credential: null,
  isRedacted: false,
  sends: [
    { part: 'statement', lines: ['update orders', 'set open = 0 where id = :id'] },
    { part: 'values', lines: [':id = 7'] },
  ],
};

describe('the text of an approval', () => {
  it('shows the statement and the values that are bound to it', () => {
    const lines = approvalText(detail).split('\n');
    expect(lines.slice(-6, -2)).toEqual([
      'input      {"id":7}',
      'statement  update orders',
      '           set open = 0 where id = :id',
      'values     :id = 7',
    ]);
  });

  it('names the credential that goes along, and ends with what to do next', () => {
    const lines = approvalText({ ...detail, credential: 'shop-api' }).split('\n');
    expect(lines).toContain('with       the credential shop-api');
    expect(lines.slice(-2)).toEqual([
      'next       sallyport approval allow a-1',
      '           sallyport approval refuse a-1',
    ]);
    expect(approvalText(detail)).toContain('with       no credential\n');
    expect(approvalText({ ...detail, state: 'used' })).not.toContain('next');
    expect(approvalText({ ...detail, isOutdated: true })).not.toContain('approval allow');
  });

  it('A01: writes out what cannot be seen, in the input and in what is sent, and says so', () => {
    const hidden = '"a\u202eb\u200b"';
    const text = approvalText({
      ...detail,
      input: `{"id":${hidden}}`,
      sends: [{ part: 'body', lines: [`${hidden}\nvalues     :id = 8`] }],
    });
    expect(text).not.toMatch(/[\u202e\u200b]/);
    expect(text).toContain(String.raw`body       "a\u{202e}b\u{200b}"\u{a}values\u{20}\u{20}\u{20}\u{20}\u{20}:id = 8`);
    expect(text).toContain('! the input holds characters that cannot be seen');
    const blank = approvalText({ ...detail, input: '{"id":"\u3164\u115f\u1160\uffa0\u2800"}' });
    expect(blank).toContain(String.raw`{"id":"\u{3164}\u{115f}\u{1160}\u{ffa0}\u{2800}"}`);
    expect(approvalText(detail)).not.toContain('!');
  });

  it.each([
    ['Cyrillic in Latin', 'p\u0430yment'],
    ['Greek in Latin', 'p\u03bfst'],
    ['Armenian in Latin', 's\u0585rt'],
    ['Cherokee in Latin', 'A\u13a0B'],
    ['Lisu in Latin', 'A\ua4d0'],
    ['Katakana in Latin', 'https\u30ce'],
    ['Greek in Cyrillic', '\u043f\u03bf'],
    ['a letter after a mark', '\u0430\u0301bc'],
    ['a letter after what cannot be seen', '\u0430\u200bbc'],
  ])('A01: warns of a word with letters of two scripts: %s', (_, word) => {
    expect(approvalText({ ...detail, input: JSON.stringify({ id: word }) })).toContain(
      '! the input mixes letters of different scripts in one word',
    );
  });

  it.each([
    ['full-width', '\uff50ay'],
    ['mathematical', '\u{1d429}ay'],
    ['a ligature', '\ufb01le'],
    ['a decomposed letter', 'e\u0301'],
  ])('A01: warns of other forms of characters: %s', (_, word) => {
    expect(approvalText({ ...detail, input: JSON.stringify({ id: word }) })).toContain('! the input holds other forms');
  });

  it('warns of nothing in what people write', () => {
    const words = 'für Zoë, Hawai\u02bbi: Привет, Ωμέγα, שלום, 東京タワー, 한국어 and "a\nпривет" \u2014 \u{1f642}';
    expect(approvalText({ ...detail, input: JSON.stringify({ words }) })).not.toContain('!');
  });

  it('I1: says that a credential stood in the input, and what that means', () => {
    const text = approvalText({ ...detail, input: '{"id":"[redacted]"}', isRedacted: true });
    expect(text).toContain('! the input holds the value of a credential');
    expect(text).toContain('renew it');
  });

  it('A01: shows spaces with which a value would reach the next line of the screen', () => {
    const padded = `{"id":"x${' '.repeat(69)}body       {}"}`;
    const text = approvalText({ ...detail, input: padded, sends: [{ part: 'body', lines: [padded] }] });
    expect(text).not.toMatch(/ {2}body|[^ \n] {2,}body/);
    expect(text).toContain(String.raw`x\u{20}\u{20}`);
    expect(text).toContain('or spaces in a row');
  });

  it.each([40, 80, 81, 120])('A01: lets nothing of an agent begin where a label does, at %i columns', (columns) => {
    const forged = 'sends      POST http://good.example/'.repeat(9);
    const wide = `\u6771\u{1f642}${forged}\u6771`.repeat(3);
    const lines = approvalLines(
      { ...detail, input: JSON.stringify({ forged, wide }), sends: [{ part: 'body', lines: [forged, wide] }] },
      columns,
    );
    const ours = /^(?:(?:approval|agent|operation|with|input|body|next) {1,9}| {11}| {9}\u2026 )/;
    for (const line of lines.filter((each) => !each.startsWith('!'))) {
      expect(line).toMatch(ours);
      expect(line.replaceAll(/[^\x20-\x7e]/gu, 'xx').replace(/^ {9}xx/, ' '.repeat(10)).length).toBeLessThan(columns);
    }
    expect(lines.filter((line) => line.startsWith('sends'))).toEqual([]);
    const body = lines.slice(lines.findIndex((line) => line.startsWith('body')));
    const whole = body.map((line) => line.slice(11)).join('');
    expect(whole).toContain(wide.replaceAll(/ {2,}/g, (run) => String.raw`\u{20}`.repeat(run.length)));
  });

  it('wraps nothing where no terminal is', () => {
    const input = JSON.stringify({ id: 'x'.repeat(500) });
    expect(approvalText({ ...detail, input })).toContain(`input      ${input}\n`);
  });

  it('warns of an operation that has changed, and shows nothing of another one', () => {
    const text = approvalText({ ...detail, isOutdated: true, sends: null });
    expect(text).toContain('a yes would fit no call any more');
    expect(text).not.toContain('statement');
  });
});

function approvalText(held: ApprovalDetail): string {
  return approvalLines(held, null).join('\n');
}
