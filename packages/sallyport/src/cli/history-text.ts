// What happened to a credential, as one reads it: one line for each thing that an operator did.
import type { CredentialHistory } from '../admin/client-shapes.ts';
import { type Line, table, when } from './output.ts';

type HistoryRecord = CredentialHistory['records'][number];

/** The versions of a credential, and what was done with it. */
export function historyText({ versions, records }: CredentialHistory): readonly Line[] {
  const kept = versions.map((each) => [
    String(each.version),
    each.isWeak ? `${each.state}, weak` : each.state,
    when(each.addedAtMs),
    each.target,
  ]);
  const done = records.flatMap((record, index) => actionRow(record, records[index - 1], records[index + 1]));
  return [
    ...table(['VERSION', 'STATE', 'VALUE SINCE', 'GOES TO'], [...destroyedRows({ versions, records }), ...kept]),
    '',
    ...table(['RECORD', 'AT', 'WHAT', ''], done),
  ];
}

// Versions that were there and are not kept: the vault holds the current one and the one before it.
function destroyedRows({ versions, records }: CredentialHistory): readonly (readonly string[])[] {
  const kept = new Set(versions.map(({ version }) => version));
  const added = records.filter(({ kind, facts }) => kind === 'credential.added' && !kept.has(Number(facts['version'])));
  return added.map(({ facts }) => [String(facts['version']), 'destroyed', '-', textOf(facts['target'])]);
}

function textOf(fact: unknown): string {
  return typeof fact === 'string' ? fact : '-';
}

function actionRow(
  record: HistoryRecord,
  before: HistoryRecord | undefined,
  after: HistoryRecord | undefined,
): readonly (readonly string[])[] {
  // A rebind is recorded before the value is opened, and again as the version that it makes.
  if (before?.kind === 'credential.rebound' && isMadeByRebind(record)) return [];
  const { leaf, atMs, kind } = record;
  return [[String(leaf), when(atMs), kind.replace('credential.', ''), sentence(record, after)]];
}

function isMadeByRebind({ kind, facts }: HistoryRecord): boolean {
  return kind === 'credential.added' && facts['valueSince'] !== undefined;
}

function sentence({ kind, facts }: HistoryRecord, after: HistoryRecord | undefined): string {
  const version = `version ${String(facts['version'])}`;
  switch (kind) {
    case 'credential.rebound': {
      const made = after !== undefined && isMadeByRebind(after) ? after.facts : undefined;
      const became = made === undefined ? 'was not rebound' : `became version ${String(made['version'])}`;
      const since = made === undefined ? '' : `, value since ${when(Number(made['valueSince']))}`;
      return `${version} ${became}: from ${String(facts['from'])} to ${String(facts['to'])}${since}`;
    }
    case 'credential.removed':
      return 'every version was destroyed';
    default:
      return `${version} for ${String(facts['target'])}${facts['weak'] === true ? ', weak' : ''}`;
  }
}
