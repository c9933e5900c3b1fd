// What a person reads before a yes: everything that would be sent, and nothing that only looks like it.
import { describe, expect, it } from 'vitest';
import type { ApprovalDetail } from '../../src/admin/client-shapes.ts';
import { approvalText } from '../../src/cli/approval-text.ts';

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
  sends: [
    { part: 'statement', lines: ['update orders', 'set open = 0 where id = :id'] },
    { part: 'values', lines: [':id = 7'] },
  ],
};

describe('the text of an approval', () => {
  it('shows the statement and the values that are bound to it', () => {
    const lines = approvalText(detail).split('\n');
    expect(lines.slice(-4)).toEqual([
      'input      {"id":7}',
      'statement  update orders',
      '           set open = 0 where id = :id',
      'values     :id = 7',
    ]);
  });

  it('writes out what cannot be seen, in the input and in what is sent, and says so', () => {
    const hidden = '"a\u202eb\u200b"';
    const text = approvalText({
      ...detail,
      input: `{"id":${hidden}}`,
      sends: [{ part: 'body', lines: [`${hidden}\nvalues     :id = 8`] }],
    });
    expect(text).not.toMatch(/[\u202e\u200b]/);
    expect(text).toContain(String.raw`body       "a\u{202e}b\u{200b}"\u{a}values     :id = 8`);
    expect(text).toContain('! the input holds characters that cannot be seen');
    expect(approvalText(detail)).not.toContain('!');
  });

  it('warns of an operation that has changed, and shows nothing of another one', () => {
    const text = approvalText({ ...detail, isOutdated: true, sends: null });
    expect(text).toContain('a yes would fit no call any more');
    expect(text).not.toContain('statement');
  });
});
