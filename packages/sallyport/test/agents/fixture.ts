// A registry over a real store and the real audit, with a clock that tests move.
import { randomBytes } from 'node:crypto';
import type { AgentRegistry } from '../../src/agents/agent-registry.ts';
import { createAgentRegistry } from '../../src/agents/create-agent-registry.ts';
import type { AuditLog } from '../../src/audit/audit-log.ts';
import { createAuditLog } from '../../src/audit/record.ts';
import type { AgentDefinition, AgentId } from '../../src/domain/agent.ts';
import type { Rate } from '../../src/domain/grant.ts';
import { query } from '../../src/store/query.ts';
import type { Store } from '../../src/store/store.ts';
import { openStore } from '../store/state-folder.ts';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

const random = { bytes: (count: number) => randomBytes(count) };

export function agent(id = 'support-bot', rate: Rate | null = null): AgentDefinition {
  const rule = { path: `agents.${id}`, line: 1 };
  const grant = {
    rule: { path: `agents.${id}.may[0]`, line: 2 },
    operations: 'orders.*',
    where: {},
    rate,
    during: null,
    effectCeiling: null,
    approval: 'none',
  } as const;
  return {
    id: id as AgentId,
    rule,
    tokenMaxLifetimeMs: 30 * dayMs,
    sessionMaxLifetimeMs: hourMs,
    isLocal: false,
    effectCeiling: 'write',
    ceilingRule: rule,
    grants: [grant],
    denials: [],
  };
}

class TestClock {
  wallMs = Date.UTC(2026, 10, 24);
  elapsedMs = 0;
  nowMs = () => this.wallMs;
  monotonicMs = () => this.elapsedMs;

  advance(ms: number): void {
    this.wallMs += ms;
    this.elapsedMs += ms;
  }
}

export class Fixture {
  readonly clock = new TestClock();
  readonly store: Store;
  readonly log: AuditLog;
  readonly tokenKey = randomBytes(32);

  private constructor(store: Store) {
    this.store = store;
    this.log = createAuditLog({ store, detailsKey: randomBytes(32), random });
  }

  static async open(): Promise<Fixture> {
    return new Fixture(await openStore());
  }

  /** A registry as after a start: everything is read from the store. */
  registry(agents: readonly AgentDefinition[] = []): Promise<AgentRegistry> {
    const { store, log: journal, clock, tokenKey } = this;
    return createAgentRegistry({ store, journal, clock, tokenKey, random, agents });
  }

  /** Kinds of the leaves in the audit, in order. */
  async kinds(): Promise<readonly string[]> {
    const rows = await this.store.read(query.selectFrom('audit_leaf').select('kind').orderBy('seq').compile());
    return rows.map(({ kind }) => kind);
  }

  /** Everything that the store holds of agents and audit, as text. */
  async dump(): Promise<string> {
    const tokens = await this.store.read(query.selectFrom('agent_token').selectAll().compile());
    const leaves = await this.store.read(query.selectFrom('audit_leaf').select('leaf').compile());
    return JSON.stringify([tokens, leaves.map(({ leaf }) => Buffer.from(leaf).toString('utf8'))]);
  }
}

export function declared(...agents: readonly AgentDefinition[]): (id: AgentId) => AgentDefinition | undefined {
  return (id) => agents.find((one) => one.id === id);
}

export function codeOf(attempt: () => unknown): string {
  try {
    attempt();
    return 'none';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'other';
  }
}
