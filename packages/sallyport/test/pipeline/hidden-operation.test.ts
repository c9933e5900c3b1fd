// An operation that the policy can never allow does not exist for its agent; only the operator's record says why (A6, I2).
import { expect, it } from 'vitest';
import { install, installedConfig, refusalIn } from './installation.ts';

const grantsAboveCeiling = (text: string) =>
  text.replace('      - items.put\n', '      - items.put\n      - items.delete\n');

it('A6: is not listed above the agent’s ceiling, and a call to it looks like one to nothing', async () => {
  const site = await install(undefined, {}, installedConfig(grantsAboveCeiling));
  expect(site.pipeline.list('token-of-bot').map(({ operation }) => operation)).toEqual([
    'items.all',
    'items.get',
    'items.put',
  ]);
  const refusals = [];
  for (const operation of ['items.delete', 'items.nothing'])
    refusals.push(refusalIn(await site.call(operation, { id: 1 })));
  expect(refusals[0]).toEqual(refusals[1]);
  expect(refusals[0]?.code).toBe('OPERATION_NOT_AVAILABLE');
  expect(site.journal.entries).toMatchObject([
    { operation: 'items.delete', reason: 'effect-above-ceiling', rule: 'agents.bot' },
    { operation: null, reason: 'operation-unknown', rule: null },
  ]);
});
