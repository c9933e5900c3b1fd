// The journal: two records a call, each call ended once, and idempotency keys that hold across both.
import { describe, expect, it } from 'vitest';
import type { IdempotencyClaim } from '../../src/audit/call-journal.ts';
import { verifyAudit } from '../../src/audit/verify-audit.ts';
import { query } from '../../src/store/query.ts';
import { openAudit } from './audit-fixture.ts';
import { intentOf, outcomeOf } from './entries.ts';

const claim: IdempotencyClaim = {
  agent: 'bot',
  operation: 'orders.read',
  key: 'key-chosen-by-agent',
  inputText: '{"id":1}',
  mayResend: false,
};
const reply = (call: string, json = '{"ok":1}') => ({ ok: true, call, json, isTruncated: false }) as const;

describe('a call', () => {
  it('ends once: the second outcome is refused and not recorded', async () => {
    const { journal, store } = await openAudit();
    await journal.begin(intentOf('c1'), '{}', null);
    await journal.end(outcomeOf('c1'), null);
    await expect(journal.end(outcomeOf('c1'), null)).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
    expect(await verifyAudit(store, null)).toMatchObject({ ok: true, outcomes: 1 });
  });

  it('H6: that was cut gets its outcome at start, once', async () => {
    const { journal, store } = await openAudit();
    await journal.begin(intentOf('c1'), '{}', claim);
    const restarted = await openAudit(store);
    expect(await restarted.journal.closeOpenCalls()).toBe(1);
    expect(await restarted.journal.closeOpenCalls()).toBe(0);
    expect(await verifyAudit(store, null)).toMatchObject({ ok: true, intents: 1, outcomes: 1 });
    const repeated = await restarted.journal.begin(intentOf('c2'), '{}', claim);
    expect(repeated).toEqual({ kind: 'repeated', earlier: { ok: false, call: 'c1', code: 'CALL_CUT' } });
  });

  it('H2: is refused with AUDIT_UNAVAILABLE when its intent cannot be written', async () => {
    const { journal, store } = await openAudit();
    await store.close();
    await expect(journal.begin(intentOf('c1'), '{}', null)).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
  });
});

describe('an idempotency key', () => {
  it('gives the earlier reply to a repeat', async () => {
    const { journal } = await openAudit();
    expect((await journal.begin(intentOf('c1'), '{}', claim)).kind).toBe('begun');
    await journal.end(outcomeOf('c1'), reply('c1'));
    expect(await journal.begin(intentOf('c2'), '{}', claim)).toEqual({ kind: 'repeated', earlier: reply('c1') });
  });

  it('lets one of two calls at the same time through', async () => {
    const { journal } = await openAudit();
    const begun = await Promise.allSettled(['c1', 'c2'].map((call) => journal.begin(intentOf(call), '{}', claim)));
    expect(begun.map((result) => result.status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(begun.find((result) => result.status === 'rejected')).toMatchObject({
      reason: { code: 'IDEMPOTENCY_IN_PROGRESS' },
    });
  });

  it('is refused for another input and for another operation', async () => {
    const { journal } = await openAudit();
    await journal.begin(intentOf('c1'), '{}', claim);
    for (const other of [{ inputText: '{"id":2}' }, { operation: 'orders.delete' }]) {
      const attempt = journal.begin(intentOf('c2'), '{}', { ...claim, ...other });
      await expect(attempt).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    }
  });

  it('of one agent says nothing about that of another', async () => {
    const { journal } = await openAudit();
    await journal.begin(intentOf('c1'), '{}', claim);
    expect((await journal.begin(intentOf('c2'), '{}', { ...claim, agent: 'other' })).kind).toBe('begun');
  });

  it('is free again after its day', async () => {
    const { journal, time } = await openAudit();
    await journal.begin(intentOf('c1'), '{}', claim);
    await journal.end(outcomeOf('c1'), reply('c1'));
    time.nowMs += 86_400_000;
    expect((await journal.begin(intentOf('c2'), '{}', claim)).kind).toBe('begun');
  });

  it('is free again when the call ended without anything to keep', async () => {
    const { journal } = await openAudit();
    await journal.begin(intentOf('c1'), '{}', claim);
    await journal.end(outcomeOf('c1', 'failed'), null);
    expect((await journal.begin(intentOf('c2'), '{}', claim)).kind).toBe('begun');
  });

  it('after an unknown outcome is sent again only where the service honours it', async () => {
    const { journal } = await openAudit();
    await journal.begin(intentOf('c1'), '{}', claim);
    await journal.end(outcomeOf('c1', 'indeterminate'), { ok: false, call: 'c1', code: 'UPSTREAM_INDETERMINATE' });
    expect((await journal.begin(intentOf('c2'), '{}', claim)).kind).toBe('repeated');
    expect((await journal.begin(intentOf('c3'), '{}', { ...claim, mayResend: true })).kind).toBe('begun');
  });

  it('keeps only the fact of a reply over 64 KiB', async () => {
    const { journal } = await openAudit();
    await journal.begin(intentOf('c1'), '{}', claim);
    await journal.end(outcomeOf('c1'), reply('c1', JSON.stringify('x'.repeat(70_000))));
    const repeated = await journal.begin(intentOf('c2'), '{}', claim);
    expect(repeated).toEqual({
      kind: 'repeated',
      earlier: { ok: true, call: 'c1', json: 'null', isTruncated: true },
    });
  });

  it('and its input and reply stand nowhere in clear', async () => {
    const { journal, store } = await openAudit();
    await journal.begin(intentOf('c1'), '{}', claim);
    await journal.end(outcomeOf('c1'), reply('c1', '"private"'));
    const rows = await store.read(query.selectFrom('idempotency').selectAll().compile());
    const text = JSON.stringify(rows) + Buffer.from(rows[0]?.outcome ?? []).toString('latin1');
    for (const clear of ['key-chosen-by-agent', '"id"', 'private']) expect(text).not.toContain(clear);
  });
});
