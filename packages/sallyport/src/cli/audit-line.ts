// One record of the audit as a line for people: what happened, about what, with times of the wall clock.
import type { AuditPage } from '../admin/client-shapes.ts';
import { formatDuration } from '../domain/duration.ts';
import { spelledOut } from '../domain/visible-text.ts';
import { when } from './output.ts';

// Kind and time have columns of their own; digests are for machines, and in --json.
const shownApart = new Set(['kind', 'at', 'commitment', 'configDigest', 'operationDigest']);

/** A record as one line. */
export function auditLine({ leaf, entry, details }: AuditPage['entries'][number]): string {
  const facts = Object.entries(entry).filter(([key]) => !shownApart.has(key));
  const at = typeof entry['at'] === 'number' ? when(entry['at']) : '-';
  // Agents choose what stands in details.
  const tail = details === undefined || details === null ? [] : [JSON.stringify(details)];
  const parts = [String(entry['kind']), ...facts.flatMap(factTexts), ...tail];
  return [String(leaf).padStart(6), at, ...parts.map(spelledOut)].join(' ');
}

/** Facts by name, as `name=value`; what is empty says nothing. */
function factTexts([name, value]: readonly [string, unknown]): readonly string[] {
  if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) return [];
  if (Array.isArray(value)) return [`${name}=${value.join(',')}`];
  if (typeof value === 'object') return Object.entries(value).flatMap(factTexts);
  if (typeof value === 'number') return [numberText(name, value)];
  return [`${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`];
}

// Units are part of the names of numbers: a moment, a span, or a count.
function numberText(name: string, value: number): string {
  const base = name.replace(/Ms$/, '');
  if (/(At|^from)Ms$|^valueSince$/.test(name)) return `${base}=${when(value)}`;
  return name.endsWith('LifetimeMs') ? `${base}=${formatDuration(value)}` : `${name}=${value}`;
}
