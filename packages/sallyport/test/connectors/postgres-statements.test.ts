// P08, D1: statements that hide something are refused when the config is loaded or by the server, and harmless ones run.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeWithServer } from '../../../../test/servers.ts';
import type { Effect } from '../../src/domain/effect.ts';
import { effects } from '../../src/domain/effect.ts';
import { connectTo, messagesOf, outcome, PostgresShop, prepare, run } from './postgres-database.ts';

interface RefusedStatement {
  readonly effect: Effect;
  readonly where: string;
  readonly hides: string;
  readonly sql: string;
}

function linesOf(name: string): readonly (readonly string[])[] {
  const text = readFileSync(new URL(`./${name}`, import.meta.url), 'utf8');
  const [, ...lines] = text.trimEnd().split('\n');
  return lines.map((line) => line.split('\t'));
}

function unescape(text: string): string {
  return text.replaceAll(/\\([\\nt])/g, (_, code: string) => ({ n: '\n', t: '\t' })[code] ?? code);
}

const refused: readonly RefusedStatement[] = linesOf('postgres-statements-refused.tsv').map(
  ([effectName, where = '', hides = '', sql = '']) => {
    const effect = effects.find((known) => known === effectName) ?? 'read';
    return { effect, where, hides, sql: unescape(sql) };
  },
);
const harmless = linesOf('postgres-statements-harmless.tsv').map(
  ([sql = '', rows = '']) => [unescape(sql), rows] as const,
);
const atLoad = refused.filter(({ where }) => where === 'load');
const byServer = refused.filter(({ where }) => where === 'server');

describe('P08, D1: the statements of the data files', () => {
  it('are at least 300 refused and 100 harmless ones', () => {
    expect(atLoad.length + byServer.length).toBe(refused.length);
    expect(refused.length).toBeGreaterThanOrEqual(300);
    expect(harmless.length).toBeGreaterThanOrEqual(100);
  });

  it.each(atLoad)('D1: refuses $hides at load ($effect): $sql', async ({ effect, sql }) => {
    const prepared = await prepare(connectTo(), sql, { effect });
    expect(prepared.ok).toBe(false);
    expect(messagesOf(prepared)).not.toEqual([]);
  });
});

describeWithServer('postgres', 'P08: a real server', ({ binary }) => {
  const shop = new PostgresShop(binary);

  it.each(byServer)('P08: refuses $hides ($effect): $sql', async ({ effect, sql }) => {
    const before = shop.state();
    expect(outcome(await run(shop.connect(), sql, { effect }))).toBe('failed STATEMENT_FAILED');
    expect(shop.state()).toBe(before);
  });

  it.each(harmless)('runs %s', async (sql, rows) => {
    const before = shop.state();
    const execution = await run(shop.connect(), sql);
    expect(outcome(execution)).toBe(rows);
    expect(shop.state()).toBe(before);
  });

  it('control: what the server refuses in a read would happen in a write', async () => {
    const before = shop.state();
    expect(outcome(await run(shop.connect(), 'select id from v_write', { effect: 'write' }))).toBe('[{"id":1}]');
    expect(shop.state()).not.toBe(before);
    shop.sql('truncate audit_log');
  });
});
