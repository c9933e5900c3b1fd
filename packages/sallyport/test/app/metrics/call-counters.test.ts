// What is counted follows the records of calls, also where a record fails.
import { describe, expect, it } from 'vitest';
import { CountingJournal } from '../../../src/app/metrics/call-counters.ts';
import { expositionText } from '../../../src/app/metrics/exposition.ts';
import type { CallJournal } from '../../../src/audit/call-journal.ts';
import { markRecorded } from '../../../src/audit/recorded.ts';
import type { CallOutcomeEntry } from '../../../src/domain/audit-entry.ts';
import { SallyportError } from '../../../src/domain/errors.ts';
import { intent } from '../../vault/vault-setup.ts';

const outcome = (durationMs: number): CallOutcomeEntry => ({
  kind: 'call.outcome',
  at: 0,
  call: 'c1',
  result: 'ok',
  code: null,
  upstreamStatus: 200,
  replyBytes: 2,
  redactions: 3,
  durationMs,
});

function journal(fails: boolean): CallJournal {
  const write = async () => {
    if (fails) throw new SallyportError('AUDIT_UNAVAILABLE', 'full');
  };
  return {
    earlier: async () => undefined,
    begin: async (entry) => ({ kind: 'begun', recorded: markRecorded(entry, 0) }),
    beginApproved: async (entry) => ({ kind: 'begun', recorded: markRecorded(entry, 0) }),
    end: write,
    refuse: write,
    closeOpenCalls: async () => 0,
  };
}

describe('the counters of calls', () => {
  it('hold a call from its intent to its outcome', async () => {
    const counting = new CountingJournal(journal(false));
    await counting.begin(intent('shop', 1), '{}', null);
    expect(counting.inFlight).toBe(1);
    await counting.end(outcome(7), null);
    expect(counting).toMatchObject({ inFlight: 0, pendingRecords: 0, redactions: 3 });
    expect([...counting.calls.values()]).toEqual([{ agent: 'bot', operation: 'o', result: 'ok', code: '', count: 1 }]);
    expect(counting.durations.get('o')?.buckets.slice(0, 3)).toEqual([0, 1, 0]);
  });

  it('forget a call whose outcome could not be recorded', async () => {
    const counting = new CountingJournal(journal(true));
    await counting.begin(intent('shop', 1), '{}', null);
    await expect(counting.end(outcome(1), null)).rejects.toThrow('full');
    expect(counting).toMatchObject({ inFlight: 0, pendingRecords: 0 });
  });

  it('put what is longer than every bound into the last bucket', async () => {
    const counting = new CountingJournal(journal(false));
    await counting.begin(intent('shop', 1), '{}', null);
    await counting.end(outcome(300_000), null);
    expect(counting.durations.get('o')?.buckets.at(-1)).toBe(1);
  });
});

describe('the text', () => {
  it('escapes what could end a label', () => {
    const text = expositionText([
      { name: 'a', type: 'gauge', help: 'h', samples: [{ labels: { b: 'c"d\\e\nf' }, value: 1 }] },
    ]);
    expect(text).toBe('# HELP a h\n# TYPE a gauge\na{b="c\\"d\\\\e\\nf"} 1\n');
  });
});
