// The history of a credential reads as what operators did, and leaves no version out without a word.
import { expect, it } from 'vitest';
import type { CredentialHistory } from '../../src/admin/client-shapes.ts';
import { historyText } from '../../src/cli/history-text.ts';
import { linesText } from '../../src/cli/output.ts';
import { localTime } from '../../src/domain/local-time.ts';

type HistoryRecord = CredentialHistory['records'][number];

const added = (leaf: number, version: number, more: HistoryRecord['facts'] = {}): HistoryRecord => {
  return {
    leaf,
    atMs: leaf * 1000,
    kind: 'credential.added',
    facts: { version, target: 'https://a', weak: false, ...more },
  };
};
const rebound: HistoryRecord = {
  leaf: 3,
  atMs: 3000,
  kind: 'credential.rebound',
  facts: { version: 2, from: 'https://a', to: 'https://b' },
};
const kept = (version: number, state: 'current' | 'retired') => {
  return { version, state, target: 'https://b', addedAtMs: 2000, isWeak: false };
};

const text = (history: CredentialHistory) => linesText(historyText(history), process.stdout).trimEnd();

it('shows a rebind as the one thing that it was, and which version was destroyed', () => {
  const records = [added(1, 1), added(2, 2), rebound, added(4, 3, { target: 'https://b', valueSince: 2000 })];
  const lines = text({ versions: [kept(2, 'retired'), kept(3, 'current')], records }).split('\n');
  expect(lines.slice(1, 4).map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
    ['1', 'destroyed'],
    ['2', 'retired'],
    ['3', 'current'],
  ]);
  expect(lines.slice(6).map((line) => line.split(/ {2,}/).slice(2))).toEqual([
    ['added', 'version 1 for https://a'],
    ['added', 'version 2 for https://a'],
    ['rebound', `version 2 became version 3: from https://a to https://b, value since ${localTime(2000)}`],
  ]);
});

it('shows a rebind that was recorded and not carried out, and a value that was added after it', () => {
  const records = [added(2, 2), rebound, added(4, 3)];
  const said = text({ versions: [kept(3, 'current')], records });
  expect(said).toContain('version 2 was not rebound');
  expect(said).toContain('version 3 for https://a');
});

it('shows a removal', () => {
  const removed = { leaf: 5, atMs: 0, kind: 'credential.removed', facts: { version: 1, removed: 1 } };
  const said = text({ versions: [], records: [added(1, 1), removed] });
  expect(said).toMatch(/removed +every version was destroyed/);
  expect(said).toMatch(/1 +destroyed/);
});
