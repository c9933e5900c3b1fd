// The token with which a metrics collector identifies itself: one at a time, shown once, stored as its HMAC only.
import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../domain/clock.ts';
import type { Random } from '../domain/random.ts';
import { Secret } from '../domain/secret.ts';
import { query, statement } from '../store/query.ts';
import type { Store } from '../store/store.ts';
import { isWellFormedToken, newTokenText, tokenHmac } from './agent-token.ts';
import type { AgentJournal } from './session-book.ts';

/** The token of the metrics. */
export interface MetricsToken {
  /** Whether one was ever made. */
  readonly exists: boolean;
  /** Makes a new one; the old one ends at once. Durable, with its audit record, when it resolves. */
  make(): Promise<Secret>;
  /** Whether a presented text is the token. */
  accepts(text: string): boolean;
}

interface MetricsTokenDeps {
  readonly store: Store;
  readonly journal: AgentJournal;
  /** Key of the HMAC under which the token is stored, 32 bytes. */
  readonly tokenKey: Uint8Array;
  readonly clock: Clock;
  readonly random: Random;
}

const key = 'metrics-token';

/** Whether a token of the metrics was ever made; needs no key. @throws SallyportError STORE_FAILED */
export async function hasMetricsToken(store: Store): Promise<boolean> {
  return (await storedHmac(store)) !== null;
}

async function storedHmac(store: Store): Promise<string | null> {
  const rows = await store.read(query.selectFrom('meta').select('value').where('key', '=', key).compile());
  return rows[0]?.value ?? null;
}

/** Reads what is stored of the token. @throws SallyportError STORE_FAILED */
export async function openMetricsToken(deps: MetricsTokenDeps): Promise<MetricsToken> {
  const { store, journal, tokenKey, clock, random } = deps;
  let stored = await storedHmac(store);
  // A token of an agent, stored under the same key, must never be one of the metrics.
  const hmacOf = (text: string): string => tokenHmac(tokenKey, `${key} ${text}`);
  return {
    get exists() {
      return stored !== null;
    },
    make: async () => {
      const text = newTokenText(random);
      const value = hmacOf(text);
      const entry = { kind: 'metrics.token-made', at: clock.nowMs(), subject: 'metrics', facts: {} } as const;
      const insert = query
        .insertInto('meta')
        .values({ key, value })
        .onConflict((on) => on.column('key').doUpdateSet({ value }));
      await journal.record(entry, { statements: [statement(insert.compile(), { expectRows: 1 })] });
      stored = value;
      return new Secret(text);
    },
    accepts: (text) => {
      if (stored === null || !isWellFormedToken(text)) return false;
      return timingSafeEqual(Buffer.from(hmacOf(text)), Buffer.from(stored));
    },
  };
}
