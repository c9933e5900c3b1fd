// Rates are exact: every use within the window is remembered, so that no boundary of a bucket lets twice the rate through.
import type { AgentDefinition, AgentId } from '../domain/agent.ts';
import type { Rate } from '../domain/grant.ts';
import { firstLeafAt } from '../store/first-leaf.ts';
import { query } from '../store/query.ts';
import type { Store } from '../store/store.ts';
import type { AgentRates } from './agent-registry.ts';

// A rule that was never counted keeps what a rate that a reload gives it may ask for.
const maxUncounted = 10_000;
const maxCounted = 1_000_000;
const pageSize = 2000;

/** The uses of one rule, oldest first. */
class UseLog {
  #times: number[] = [];
  #head = 0;
  /** The longest window that was asked for; older uses are forgotten. Null before anybody asked. */
  #windowMs: number | null = null;
  /** Time of the latest use that was forgotten for want of room; it counts as more than any rate. */
  #droppedMs = Number.NEGATIVE_INFINITY;

  keepFor(windowMs: number): void {
    this.#windowMs = Math.max(this.#windowMs ?? 0, windowMs);
  }

  add(nowMs: number): void {
    // A clock that went backwards must not make an earlier use leave the window sooner.
    const atMs = Math.max(nowMs, this.#times.at(-1) ?? nowMs);
    if (this.#windowMs !== null) this.#head = this.#firstWithin(atMs - this.#windowMs);
    if (this.#times.length - this.#head >= (this.#windowMs === null ? maxUncounted : maxCounted)) {
      this.#droppedMs = this.#times[this.#head] ?? atMs;
      this.#head += 1;
    }
    this.#times.push(atMs);
    this.#compact();
  }

  /** Puts these uses, oldest first, in the place of all before `untilMs`: a new rate may ask for more of them. */
  replaceBefore(untilMs: number, windowMs: number, timesMs: readonly number[]): void {
    this.#times = [...timesMs, ...this.#times.slice(this.#head).filter((atMs) => atMs >= untilMs)];
    this.#head = 0;
    this.keepFor(windowMs);
  }

  /** The uses later than `nowMs - windowMs`; infinite when they are more than are remembered. */
  count(windowMs: number, nowMs: number): number {
    if (this.#droppedMs > nowMs - windowMs) return Number.POSITIVE_INFINITY;
    return this.#times.length - this.#firstWithin(nowMs - windowMs);
  }

  untilNextMs(windowMs: number, nowMs: number): number {
    const oldest = this.#times[this.#firstWithin(nowMs - windowMs)];
    return oldest === undefined ? 0 : Math.max(0, oldest + windowMs - nowMs);
  }

  #compact(): void {
    if (this.#head < 1024 || this.#head * 2 < this.#times.length) return;
    this.#times = this.#times.slice(this.#head);
    this.#head = 0;
  }

  #firstWithin(cutoffMs: number): number {
    let low = this.#head;
    let high = this.#times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#times[middle] ?? Number.POSITIVE_INFINITY) > cutoffMs) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** The rates of one agent. */
export class UseLogs implements AgentRates {
  readonly #logs = new Map<string, UseLog>();

  count(rulePath: string, windowMs: number, nowMs: number): number {
    const log = this.#logOf(rulePath);
    log.keepFor(windowMs);
    return log.count(windowMs, nowMs);
  }

  untilNextMs(rulePath: string, windowMs: number, nowMs: number): number {
    return this.#logOf(rulePath).untilNextMs(windowMs, nowMs);
  }

  take(rulePath: string, nowMs: number): void {
    this.#logOf(rulePath).add(nowMs);
  }

  /** Puts uses of an earlier run back, oldest first. */
  restore(rulePath: string, windowMs: number, timesMs: readonly number[]): void {
    const log = this.#logOf(rulePath);
    log.keepFor(windowMs);
    for (const atMs of timesMs) log.add(atMs);
  }

  /** Puts the uses of earlier runs, which ended at `untilMs`, in the place of those that are remembered of them. */
  replaceBefore(untilMs: number, { rule, windowMs, times }: RuleUses): void {
    this.#logOf(rule).replaceBefore(untilMs, windowMs, times);
  }

  #logOf(rulePath: string): UseLog {
    const known = this.#logs.get(rulePath);
    if (known !== undefined) return known;
    const log = new UseLog();
    this.#logs.set(rulePath, log);
    return log;
  }
}

/** Uses of one rule within its window, oldest first: as many as can matter. */
export interface RuleUses extends Rate {
  readonly agent: AgentId;
  readonly rule: string;
  readonly times: readonly number[];
}

interface RatedRule extends RuleUses {
  readonly times: number[];
}

/** What `readUsesOf` reads: the rates of these agents, as far as uses of before `untilMs` still count at `nowMs`. */
export interface UsesQuestion {
  readonly agents: Iterable<AgentDefinition>;
  readonly nowMs: number;
  readonly untilMs: number;
}

/** Reads how often the rules of these agents were used within their windows, from the intents of the audit. */
export async function readUses(
  store: Store,
  agents: Iterable<AgentDefinition>,
  nowMs: number,
): Promise<ReadonlyMap<AgentId, UseLogs>> {
  const logs = new Map<AgentId, UseLogs>();
  for (const { agent, rule, windowMs, times } of await readUsesOf(store, { agents, nowMs, untilMs: Infinity })) {
    const uses = logs.get(agent) ?? new UseLogs();
    uses.restore(rule, windowMs, times);
    logs.set(agent, uses);
  }
  return logs;
}

/** Reads the uses of every rule that has a rate, from the intents of the audit. */
export async function readUsesOf(store: Store, question: UsesQuestion): Promise<readonly RuleUses[]> {
  const { nowMs, untilMs } = question;
  const rules = ratedRules(question.agents).filter(({ windowMs }) => nowMs - windowMs < untilMs);
  if (rules.length === 0) return rules;
  const byKey = new Map(rules.map((entry) => [`${entry.agent} ${entry.rule}`, entry]));
  const oldestMs = nowMs - Math.max(...rules.map(({ windowMs }) => windowMs));
  for await (const { of, at } of intentsSince(store, oldestMs)) {
    if (at >= untilMs) continue;
    // What a damaged record was a use of is not known: it may have been one of any.
    for (const entry of of === null ? rules : [byKey.get(of)]) {
      // Only as many as the rate allows can matter: with those the rule is used up.
      if (entry !== undefined && entry.times.length < entry.count) entry.times.push(at);
    }
    if (rules.every(({ times, count }) => times.length >= count)) break;
  }
  for (const { times } of rules) times.sort((left, right) => left - right);
  return rules;
}

function ratedRules(agents: Iterable<AgentDefinition>): readonly RatedRule[] {
  const rules: RatedRule[] = [];
  for (const { id, grants } of agents) {
    for (const { rule, rate } of grants) {
      if (rate !== null) rules.push({ agent: id, rule: rule.path, ...rate, times: [] });
    }
  }
  return rules;
}

interface Use {
  /** Agent and rule; null where the record is damaged. */
  readonly of: string | null;
  readonly at: number;
}

/** Newest first, a page at a time: a window can hold more leaves than memory should. */
async function* intentsSince(store: Store, oldestMs: number): AsyncGenerator<Use> {
  const first = await firstLeafAt(store, oldestMs);
  let before = Number.MAX_SAFE_INTEGER;
  for (;;) {
    const rows = await store.read(
      query
        .selectFrom('audit_leaf')
        .select(['seq', 'at', 'leaf'])
        .where('kind', '=', 'call.intent')
        .where('at', '>', oldestMs)
        .where('seq', '>=', first)
        .where('seq', '<', before)
        .orderBy('seq', 'desc')
        .limit(pageSize)
        .compile(),
    );
    for (const { seq, at, leaf } of rows) {
      before = seq;
      yield { of: usedRule(leaf), at };
    }
    if (rows.length < pageSize) return;
  }
}

function usedRule(leaf: Uint8Array): string | null {
  const entry = parsed(leaf);
  if (typeof entry !== 'object' || entry === null || !('agent' in entry && 'rule' in entry)) return null;
  const { agent, rule } = entry;
  return typeof agent === 'string' && typeof rule === 'string' ? `${agent} ${rule}` : null;
}

function parsed(leaf: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(leaf).toString('utf8'));
  } catch {
    return null;
  }
}
