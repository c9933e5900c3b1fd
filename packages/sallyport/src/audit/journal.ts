// The two records of a call over the store: each in one batch with everything that must be true together with it.
import type { CallIntent, CallOutcomeEntry, CallRefused } from '../domain/audit-entry.ts';
import type { Clock } from '../domain/clock.ts';
import { SallyportError } from '../domain/errors.ts';
import type { Random } from '../domain/random.ts';
import type { Statement, Store } from '../store/store.ts';
import type { Begun, CallJournal, EarlierOutcome, IdempotencyClaim } from './call-journal.ts';
import { sealDetails } from './details.ts';
import { claimKey, findClaim, inProgress, judgeClaim, keepOutcome, takeClaim } from './idempotency.ts';
import { leafOf } from './leaf.ts';
import { readOpenCalls } from './read-open-calls.ts';
import { unrecorded, writeRecord } from './record.ts';
import { markRecorded } from './recorded.ts';

/** What the journal needs. */
export interface CallJournalDependencies {
  readonly store: Store;
  /** 32 bytes, derived from the root key for `audit-details`. */
  readonly detailsKey: Uint8Array;
  readonly random: Random;
  readonly clock: Clock;
}

// Two agents' turns may race for one key; a loser that reads again finds the winner's row.
const maxAttempts = 3;

/** The journal of a store. */
export function createCallJournal(dependencies: CallJournalDependencies): CallJournal {
  // Calls in flight that hold an idempotency key; those without one need no statement at their end.
  const claimed = new Set<string>();
  return {
    begin: (intent, detailsText, claim) =>
      claim === null
        ? writeIntent(dependencies, { intent, detailsText, statements: [] })
        : beginClaimed(dependencies, claimed, { intent, detailsText, claim, also: [] }),
    beginApproved: (intent, detailsText, { claim, use }) =>
      beginClaimed(dependencies, claimed, { intent, detailsText, claim, also: [use] }),
    earlier: (claim) => earlierOutcome(dependencies, claim),
    end(outcome, earlier) {
      const leaves = [leafOf(outcome, null, 'closes')];
      if (!claimed.has(outcome.call))
        return dependencies.store.write({ statements: [], leaves }).then(nothing, unrecorded);
      const statements = [endClaim(dependencies, outcome, earlier)];
      const forget = (): void => void claimed.delete(outcome.call);
      return dependencies.store.write({ statements, leaves }).then(forget, unrecorded);
    },
    async refuse(entry: CallRefused, detailsText: string) {
      const committed = sealDetails(dependencies.detailsKey, dependencies.random, detailsText);
      await writeRecord(dependencies.store, { statements: [], leaves: [leafOf(entry, committed)] });
    },
    closeOpenCalls: () => closeOpenCalls(dependencies),
  };
}

interface ClaimedWrite {
  readonly intent: CallIntent;
  readonly detailsText: string;
  readonly claim: IdempotencyClaim;
  /** Must hold together with the claim. */
  readonly also: readonly Statement[];
}

interface IntentWrite {
  readonly intent: CallIntent;
  readonly detailsText: string;
  readonly statements: readonly Statement[];
}

function writeIntent(
  { store, detailsKey, random }: CallJournalDependencies,
  { intent, detailsText, statements }: IntentWrite,
): Promise<Begun> {
  const leaves = [leafOf(intent, sealDetails(detailsKey, random, detailsText), 'opens')];
  return store
    .write({ statements, leaves })
    .then(({ firstLeaf }) => ({ kind: 'begun', recorded: markRecorded(intent, firstLeaf) }), unrecorded);
}

function nothing(): void {}

async function earlierOutcome(
  { store, detailsKey, clock }: CallJournalDependencies,
  claim: IdempotencyClaim,
): Promise<EarlierOutcome | undefined> {
  const key = claimKey(detailsKey, claim);
  const row = await findClaim(store, key);
  if (row === undefined) return undefined;
  const verdict = judgeClaim(row, { detailsKey, nowMs: clock.nowMs(), claim, key });
  return verdict.kind === 'repeated' ? verdict.earlier : undefined;
}

async function beginClaimed(
  dependencies: CallJournalDependencies,
  claimed: Set<string>,
  { intent, detailsText, claim, also }: ClaimedWrite,
): Promise<Begun> {
  const { store, detailsKey, clock } = dependencies;
  const key = claimKey(detailsKey, claim);
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const context = { detailsKey, nowMs: clock.nowMs(), claim, key };
    const verdict = judgeClaim(await findClaim(store, key), context);
    if (verdict.kind === 'repeated') return verdict;
    const statements = [...takeClaim(context, { call: intent.call, replaces: verdict.replaces }), ...also];
    try {
      const begun = await writeIntent(dependencies, { intent, detailsText, statements });
      claimed.add(intent.call);
      return begun;
    } catch (error) {
      if (!(error instanceof SallyportError) || error.code !== 'STORE_CONFLICT') throw error;
    }
  }
  throw inProgress();
}

function endClaim(
  { detailsKey }: CallJournalDependencies,
  outcome: CallOutcomeEntry,
  earlier: EarlierOutcome | null,
): Statement {
  if (earlier !== null)
    return { ...keepOutcome(detailsKey, { earlier, isUnknown: isUnknown(outcome) }), expectRows: 1 };
  return { sql: 'delete from idempotency where call = ?', parameters: [outcome.call], expectRows: 1 };
}

function isUnknown(outcome: CallOutcomeEntry): boolean {
  return outcome.result === 'indeterminate' || outcome.result === 'cut';
}

async function closeOpenCalls({ store, detailsKey, clock }: CallJournalDependencies): Promise<number> {
  const nowMs = clock.nowMs();
  const calls = await readOpenCalls(store);
  const expired: Statement = {
    sql: `delete from idempotency where expires_at <= ? and state = 'done'`,
    parameters: [nowMs],
  };
  await writeRecord(store, { statements: [expired], leaves: [] });
  await Promise.all(Array.from(calls, ([call, { at }]) => closeCut({ store, detailsKey }, { call, at, nowMs })));
  return calls.size;
}

async function closeCut(
  { store, detailsKey }: Pick<CallJournalDependencies, 'store' | 'detailsKey'>,
  { call, at, nowMs }: { readonly call: string; readonly at: number; readonly nowMs: number },
): Promise<void> {
  const outcome: CallOutcomeEntry = {
    kind: 'call.outcome',
    at: nowMs,
    call,
    result: 'indeterminate',
    code: 'CALL_CUT',
    upstreamStatus: null,
    replyBytes: 0,
    redactions: 0,
    durationMs: Math.max(0, nowMs - at),
  };
  const kept = keepOutcome(detailsKey, { earlier: { ok: false, call, code: 'CALL_CUT' }, isUnknown: true });
  await writeRecord(store, { statements: [kept], leaves: [leafOf(outcome, null, 'closes')] });
}
