// A snapshot that was replaced stays whole for the calls that it decided.
import { describe, expect, it, vi } from 'vitest';
import type { Execution } from '../../src/connectors/connector.ts';
import { install, replied, replyIn } from './installation.ts';

describe('calls in flight', () => {
  it('H4: hold what they were decided under until the last of them has ended', async () => {
    const site = await install();
    const service = Promise.withResolvers<Execution>();
    const reached = Promise.withResolvers<void>();
    site.service = () => {
      reached.resolve();
      return service.promise;
    };
    const call = site.call('items.get', { id: 1 });
    await reached.promise;
    const ended = vi.fn();
    const waiting = site.pipeline.untilEnded(60_000).then(ended);
    site.service = () => Promise.resolve(replied({ id: 2 }));
    expect(replyIn(await site.call('items.get', { id: 2 }))).toEqual({ id: 2 });
    expect(ended).not.toHaveBeenCalled();
    service.resolve(replied({ id: 1 }));
    expect(replyIn(await call)).toEqual({ id: 1 });
    await waiting;
  });

  it('hold nothing up when there are none', async () => {
    await (await install()).pipeline.untilEnded(60_000);
  });

  it('are not waited for beyond the bound', async () => {
    const site = await install();
    site.service = () => new Promise(() => undefined);
    void site.call('items.get', { id: 1 });
    await site.pipeline.untilEnded(1);
  });
});
