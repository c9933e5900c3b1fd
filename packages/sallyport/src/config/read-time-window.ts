// Reads `during`: the days and hours of a grant, in a named time zone.
import { z } from 'zod';
import type { TimeWindow } from '../domain/grant.ts';
import type { JsonValue } from '../domain/json-value.ts';
import { isJsonList, openMap } from './map-reader.ts';
import type { Spot } from './spot.ts';
import { at, report } from './spot.ts';

const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const everyDay = [1, 2, 3, 4, 5, 6, 7];

/** Reads a time window; undefined after reporting what is wrong. */
export function readTimeWindow(spot: Spot, value: JsonValue): TimeWindow | undefined {
  const map = openMap(spot, value);
  if (map === undefined) return undefined;
  const written = map.raw('days');
  const days = written === undefined ? everyDay : readDays(at(spot, 'days'), written);
  const from = map.required('from', z.string());
  const to = map.required('to', z.string());
  const zone = map.required('zone', z.string());
  map.close();
  const fromMinute = from === undefined ? undefined : readMinute(at(spot, 'from'), from, 1439);
  const toMinute = to === undefined ? undefined : readMinute(at(spot, 'to'), to, 1440);
  if (zone !== undefined && !isZone(zone))
    report(at(spot, 'zone'), 'must be an IANA time zone, such as Europe/Berlin or UTC');
  if (days === undefined || fromMinute === undefined || toMinute === undefined || zone === undefined) return undefined;
  if (fromMinute === toMinute)
    return report(at(spot, 'to'), '`from` and `to` are the same; a whole day is 00:00 to 24:00');
  return { days, fromMinute, toMinute, zone };
}

function readDays(spot: Spot, value: JsonValue): readonly number[] | undefined {
  const items = isJsonList(value) ? value : [value];
  const days = items.flatMap((item) => (typeof item === 'string' ? daysOf(item) : [Number.NaN]));
  const areDays = days.length > 0 && days.every((day) => day >= 1 && day <= 7);
  return areDays
    ? [...new Set(days)].sort((left, right) => left - right)
    : report(spot, 'must be days such as [mon, wed], or a range such as mon-fri');
}

function daysOf(text: string): readonly number[] {
  const [from = '', to = from, ...rest] = text.toLowerCase().split('-');
  const first = dayNames.indexOf(from);
  const last = dayNames.indexOf(to);
  if (first < 0 || last < 0 || rest.length > 0) return [Number.NaN];
  const length = ((last - first + 7) % 7) + 1;
  return Array.from({ length }, (_, index) => ((first + index) % 7) + 1);
}

function readMinute(spot: Spot, text: string, latest: number): number | undefined {
  const match = /^([01]\d|2[0-4]):([0-5]\d)$/.exec(text);
  const minute = match === null ? Number.NaN : Number(match[1]) * 60 + Number(match[2]);
  return minute <= latest ? minute : report(spot, 'must be a time of day such as "08:00"');
}

function isZone(zone: string): boolean {
  // Offsets such as +02:00 know no summer time; they are accepted by the runtime, but are no place.
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
