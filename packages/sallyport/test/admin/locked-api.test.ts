// A locked vault answers questions; it is unlocked once, by the first thing that needs a key, and not before.
import { describe, expect, it } from 'vitest';
import { createLockedApi } from '../../src/admin/admin-api.ts';
import type { AdminContext } from '../../src/admin/admin-context.ts';
import type { ReadingContext } from '../../src/admin/reading-context.ts';
import { SallyportError } from '../../src/domain/errors.ts';

const locked = { agents: { tokens: () => [], sessions: () => [] } } as unknown as ReadingContext;
const unlocked = {
  agents: { tokens: () => [], sessions: () => [{ id: 'fresh' }] },
  evidence: { key: () => 'the key' },
} as unknown as AdminContext;

function lockedApi(unlock: () => Promise<AdminContext>) {
  let times = 0;
  const api = createLockedApi(locked, () => {
    times += 1;
    return unlock();
  });
  const get = async (path: string): Promise<unknown> => (await api.request(path)).json();
  return { get, times: () => times };
}

describe('the API of a locked vault', () => {
  it('answers a question without a key', async () => {
    const { get, times } = lockedApi(() => Promise.resolve(unlocked));
    expect(await get('/v1/agents/sessions')).toEqual({ sessions: [] });
    expect(times()).toBe(0);
  });

  it('unlocks once for what needs a key, and answers from what was unlocked from then on', async () => {
    const { get, times } = lockedApi(() => Promise.resolve(unlocked));
    expect(await get('/v1/audit/key')).toEqual({ key: 'the key' });
    expect(await get('/v1/audit/key')).toEqual({ key: 'the key' });
    expect(await get('/v1/agents/sessions')).toMatchObject({ sessions: [{ id: 'fresh' }] });
    expect(times()).toBe(1);
  });

  it('says why it could not be unlocked', async () => {
    const { get } = lockedApi(() => Promise.reject(new SallyportError('UNLOCK_FAILED', 'run this in a terminal')));
    expect(await get('/v1/audit/key')).toEqual({ code: 'UNLOCK_FAILED', detail: 'run this in a terminal' });
  });

  it('has no more paths than the other one', async () => {
    const { get } = lockedApi(() => Promise.resolve(unlocked));
    expect(await get('/v1/nothing')).toMatchObject({ code: 'REQUEST_NOT_FOUND' });
  });
});
