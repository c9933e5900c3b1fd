// Which requests for approval are out of date: those that a yes could still be given to or used on, and no others.
import { expect, it } from 'vitest';
import type { ReadingContext } from '../../src/admin/reading-context.ts';
import { approvalViews } from '../../src/admin/views/approval-views.ts';
import type { ApprovalState } from '../../src/domain/approval.ts';

async function outdated(state: ApprovalState, configDigest: string): Promise<unknown> {
  const approval = { id: 'a', agent: 'bot', operation: 'o', operationDigest: 'd', configDigest, state, rule: 'r' };
  const context = {
    catalogue: { operations: new Map([['o', { digest: 'd', definition: {}, service: {}, plan: {} }]]) },
    config: { digest: 'now' },
    clock: { nowMs: () => 0 },
    approvals: { list: () => Promise.resolve([approval]) },
  } as unknown as ReadingContext;
  return (await approvalViews(context, 'all'))[0]?.isOutdated;
}

it.each<[ApprovalState, boolean]>([
  ['pending', true],
  ['allowed', true],
  ['used', false],
  ['refused', false],
  ['expired', false],
])('a request that is %s is outdated after a reload: %s', async (state, expected) => {
  expect(await outdated(state, 'before')).toBe(expected);
  expect(await outdated(state, 'now')).toBe(false);
});
