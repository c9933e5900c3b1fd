// Hours hold by the wall clock of their zone: over midnight, over a change of summer time, and never for what is no time.
import { describe, expect, it } from 'vitest';
import type { TimeWindow } from '../../src/domain/grant.ts';
import { compileTimeWindow } from '../../src/policy/time-window.ts';

function isOpen(window: Partial<TimeWindow>, iso: string): boolean | undefined {
  const whole = { days: [1, 2, 3, 4, 5], fromMinute: 480, toMinute: 1080, zone: 'UTC', ...window };
  return compileTimeWindow(whole)?.(Date.parse(iso));
}

describe('a time window', () => {
  it('includes its first minute and excludes its last', () => {
    expect(isOpen({}, '2026-01-05T07:59:59.999Z')).toBe(false);
    expect(isOpen({}, '2026-01-05T08:00:00Z')).toBe(true);
    expect(isOpen({}, '2026-01-05T17:59:59.999Z')).toBe(true);
    expect(isOpen({}, '2026-01-05T18:00:00Z')).toBe(false);
  });

  it('holds on its days only', () => {
    expect(isOpen({}, '2026-01-04T12:00:00Z')).toBe(false);
    expect(isOpen({ days: [7] }, '2026-01-04T12:00:00Z')).toBe(true);
  });

  it('over midnight belongs to the day that it begins on', () => {
    const friday = { days: [5], fromMinute: 1320, toMinute: 360 };
    expect(isOpen(friday, '2026-01-09T22:00:00Z')).toBe(true);
    expect(isOpen(friday, '2026-01-10T05:59:00Z')).toBe(true);
    expect(isOpen(friday, '2026-01-10T06:00:00Z')).toBe(false);
    expect(isOpen(friday, '2026-01-09T05:00:00Z')).toBe(false);
    expect(isOpen({ ...friday, days: [7] }, '2026-01-05T01:00:00Z')).toBe(true);
  });

  it('may last a whole day', () => {
    const whole = { fromMinute: 0, toMinute: 1440 };
    expect(isOpen(whole, '2026-01-05T00:00:00Z')).toBe(true);
    expect(isOpen(whole, '2026-01-05T23:59:59Z')).toBe(true);
  });

  it('follows summer time', () => {
    const berlin = { days: [1, 2, 3, 4, 5, 6, 7], zone: 'Europe/Berlin' };
    expect(isOpen(berlin, '2026-03-28T07:00:00Z')).toBe(true);
    expect(isOpen(berlin, '2026-03-29T06:00:00Z')).toBe(true);
    expect(isOpen(berlin, '2026-03-28T06:30:00Z')).toBe(false);
  });

  it('asks the day of the zone, not of UTC', () => {
    expect(isOpen({ days: [1], fromMinute: 0, toMinute: 600, zone: 'Asia/Tokyo' }, '2026-01-04T20:00:00Z')).toBe(true);
  });

  it('answers each moment by itself', () => {
    const test = compileTimeWindow({ days: [1], fromMinute: 480, toMinute: 481, zone: 'UTC' });
    const at = (iso: string) => test?.(Date.parse(iso));
    expect([at('2026-01-05T08:00:30Z'), at('2026-01-05T08:01:00Z'), at('2026-01-05T08:00:00Z')]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('P10: is never open for what is no time', () => {
    const test = compileTimeWindow({ days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 0, toMinute: 1440, zone: 'UTC' });
    for (const moment of [Number.NaN, Number.POSITIVE_INFINITY, 1e300]) expect(test?.(moment)).toBe(false);
  });

  it('P10: is refused with an unknown zone or minutes that are none', () => {
    for (const fault of [{ zone: 'Mars/Base' }, { fromMinute: Number.NaN }, { toMinute: 1441 }, { toMinute: 480 }]) {
      expect(isOpen(fault, '2026-01-05T12:00:00Z')).toBeUndefined();
    }
  });
});
