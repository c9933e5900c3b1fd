// Calls in flight: how many there may be, and what becomes of them when Sallyport stops.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Execution } from '../../src/connectors/connector.ts';
import { SallyportError } from '../../src/domain/errors.ts';
import { type Installation, install, refusalIn, replied, replyIn } from './installation.ts';

const untilAborted = (signal: AbortSignal): Promise<Execution> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () =>
      resolve({ kind: 'indeterminate', error: new SallyportError('UPSTREAM_INDETERMINATE', 'unknown') }),
    );
  });
const never = (): Promise<Execution> => new Promise(() => undefined);

describe('draining', () => {
  let site: Installation;
  beforeEach(async () => {
    site = await install();
  });

  it('lets calls in flight end, and refuses new ones', async () => {
    const service = Promise.withResolvers<Execution>();
    site.service = () => service.promise;
    const call = site.call('items.get', { id: 1 });
    const drained = site.pipeline.drain(60_000);
    expect(refusalIn(await site.call('items.get', { id: 1 }))).toMatchObject({ code: 'SHUTTING_DOWN', status: 503 });
    expect(site.atDoor).toEqual(['SHUTTING_DOWN']);
    service.resolve(replied({ id: 1 }));
    expect(replyIn(await call)).toEqual({ id: 1 });
    await drained;
  });

  it('resolves at once when nothing is in flight', async () => {
    await site.pipeline.drain(60_000);
    expect(site.journal.entries).toEqual([]);
  });

  it('records a read that did not end within the grace as cut', async () => {
    site.service = never;
    const call = site.call('items.get', { id: 1 });
    await site.pipeline.drain(0);
    expect(refusalIn(await call).code).toBe('CALL_CUT');
    expect(site.journal.entries.at(-1)).toMatchObject({ kind: 'call.outcome', result: 'cut', code: 'CALL_CUT' });
  });

  it('is cut short by a second time, which waits no longer', async () => {
    site.service = never;
    const call = site.call('items.get', { id: 1 });
    const drained = site.pipeline.drain(600_000);
    expect(site.pipeline.inFlight()).toBe(1);
    await site.pipeline.drain(0);
    await drained;
    expect(refusalIn(await call).code).toBe('CALL_CUT');
    expect(site.pipeline.inFlight()).toBe(0);
    expect(site.journal.entries.at(-1)).toMatchObject({ kind: 'call.outcome', result: 'cut' });
  });

  it('H6: records a write that was sent as indeterminate', async () => {
    site.service = (_, { signal }) => untilAborted(signal);
    const call = site.call('items.put', { id: 1, note: '' });
    await site.pipeline.drain(0);
    expect(refusalIn(await call).code).toBe('UPSTREAM_INDETERMINATE');
    expect(site.journal.entries.at(-1)).toMatchObject({ result: 'indeterminate' });
  });

  it('does not wait for ever for a write that does not heed its signal', async () => {
    vi.useFakeTimers();
    try {
      site.service = never;
      const call = site.call('items.put', { id: 1, note: '' });
      const drained = site.pipeline.drain(5_000);
      await vi.advanceTimersByTimeAsync(60_000);
      await drained;
      expect(refusalIn(await call).code).toBe('CALL_CUT');
      expect(site.journal.entries.at(-1)).toMatchObject({ result: 'indeterminate', code: 'CALL_CUT' });
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('too many calls', () => {
  it('V: are refused with OVERLOADED, over all and for one agent, and the places are given back', async () => {
    const site = await install({ maxCalls: 3, maxCallsPerAgent: 2 });
    const service = Promise.withResolvers<Execution>();
    site.service = () => service.promise;
    const running = [site.call('items.get', { id: 1 }), site.call('items.get', { id: 2 })];
    expect(refusalIn(await site.call('items.get', { id: 3 })).code).toBe('OVERLOADED');
    const other = site.call('items.get', { id: 1 }, { token: 'token-of-slow-bot' });
    expect(refusalIn(await site.call('items.get', { id: 3 }, { token: 'token-of-slow-bot' })).code).toBe('OVERLOADED');
    expect(site.atDoor).toEqual(['OVERLOADED']);
    service.resolve(replied({ id: 1 }));
    expect((await Promise.all([...running, other])).every(({ ok }) => ok)).toBe(true);
    expect(replyIn(await site.call('items.get', { id: 3 }))).toEqual({ id: 1 });
  });
});
