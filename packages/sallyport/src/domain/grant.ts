// A grant says that an agent may call an operation, under conditions on its arguments, rate, time and approval.
import type { Effect } from './effect.ts';
import type { JsonObject } from './json-value.ts';

/** A place in the config file that made a decision. */
export interface RuleReference {
  /** Such as `agents.support-bot.may[1]`. */
  readonly path: string;
  /** Line in the config file, from 1. */
  readonly line: number;
}

/** At most `count` allowed calls within any window of `windowMs`. */
export interface Rate {
  readonly count: number;
  readonly windowMs: number;
}

/** Hours at which a grant holds, in a named IANA time zone. */
export interface TimeWindow {
  /** 1 is Monday, 7 is Sunday. */
  readonly days: readonly number[];
  /** Minutes from midnight; `toMinute` is exclusive, and smaller than `fromMinute` for a window over midnight. */
  readonly fromMinute: number;
  readonly toMinute: number;
  readonly zone: string;
}

/** One entry of `may`. */
export interface Grant {
  readonly rule: RuleReference;
  /** An operation id, or a prefix that ends in `.*`. */
  readonly operations: string;
  /** Conditions on inputs, each a JSON Schema fragment (const, enum, pattern, ranges) by input name. */
  readonly where: Readonly<Record<string, JsonObject>>;
  readonly rate: Rate | null;
  readonly during: TimeWindow | null;
  readonly effectCeiling: Effect | null;
  readonly approval: 'none' | 'required';
}

/** One entry of `may-not`: it wins over every grant. */
export interface Denial {
  readonly rule: RuleReference;
  readonly operations: string;
  readonly where: Readonly<Record<string, JsonObject>>;
}
