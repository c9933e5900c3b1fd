// Decides whether a moment lies within a grant's days and hours, by the wall clock of a named time zone.
import type { TimeWindow } from '../domain/grant.ts';

const minuteMs = 60_000;
const dayMinutes = 1440;
const weekdays: ReadonlyMap<string, number> = new Map([
  ['Mon', 1],
  ['Tue', 2],
  ['Wed', 3],
  ['Thu', 4],
  ['Fri', 5],
  ['Sat', 6],
  ['Sun', 7],
]);

/** Whether a moment, in milliseconds since the epoch, lies within a window. */
export type WindowTest = (nowMs: number) => boolean;

/**
 * Compiles a window; a window over midnight belongs to the day that it begins on. What is not a time is never within.
 * @returns undefined when the zone is unknown or the hours are not minutes of a day
 */
export function compileTimeWindow(window: TimeWindow): WindowTest | undefined {
  const local = localClock(window.zone);
  const { fromMinute: from, toMinute: to } = window;
  if (local === undefined || !isMinute(from) || !isMinute(to) || from === to) return undefined;
  const days: ReadonlySet<number> = new Set(window.days);
  // A wall clock changes by the minute; within one, the answer stays.
  let knownMinute = Number.NaN;
  let known = false;
  return (nowMs) => {
    const epochMinute = Math.floor(nowMs / minuteMs);
    if (!Number.isFinite(epochMinute)) return false;
    if (epochMinute !== knownMinute) {
      known = isWithin(local(nowMs), { from, to, days });
      knownMinute = epochMinute;
    }
    return known;
  };
}

interface LocalTime {
  readonly day: number;
  readonly minute: number;
}

interface Hours {
  readonly from: number;
  readonly to: number;
  readonly days: ReadonlySet<number>;
}

function isWithin(time: LocalTime | undefined, { from, to, days }: Hours): boolean {
  if (time === undefined) return false;
  const { day, minute } = time;
  if (from < to) return days.has(day) && minute >= from && minute < to;
  const dayBefore = day === 1 ? 7 : day - 1;
  return (days.has(day) && minute >= from) || (days.has(dayBefore) && minute < to);
}

function isMinute(minute: number): boolean {
  return Number.isInteger(minute) && minute >= 0 && minute <= dayMinutes;
}

function localClock(zone: string): ((nowMs: number) => LocalTime | undefined) | undefined {
  const formatter = formatterOf(zone);
  if (formatter === undefined) return undefined;
  return (nowMs) => {
    // The range of ECMA-262 §21.4.1.1.
    if (Math.abs(nowMs) > 8.64e15) return undefined;
    const parts = new Map(formatter.formatToParts(nowMs).map(({ type, value }) => [type, value]));
    const day = weekdays.get(parts.get('weekday') ?? '');
    const minute = Number(parts.get('hour')) * 60 + Number(parts.get('minute'));
    return day === undefined || !isMinute(minute) ? undefined : { day, minute };
  };
}

function formatterOf(zone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  } catch {
    return undefined;
  }
}
