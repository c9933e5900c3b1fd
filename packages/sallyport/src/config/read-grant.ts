// Reads entries of `may` and `may-not`: an operation or a prefix, alone or with conditions.
import { z } from 'zod';
import { effects } from '../domain/effect.ts';
import type { Denial, Grant, Rate, RuleReference } from '../domain/grant.ts';
import type { JsonObject, JsonValue } from '../domain/json-value.ts';
import { isJsonMap, kindOf, MapReader } from './map-reader.ts';
import { isOperationId } from './names.ts';
import { readTimeWindow } from './read-time-window.ts';
import type { Spot } from './spot.ts';
import { at, report } from './spot.ts';

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads an entry of `may`; undefined after reporting what is wrong. */
export function readGrant(spot: Spot, value: JsonValue, rule: RuleReference): Grant | undefined {
  const entry = readEntry(spot, value);
  if (entry === undefined) return undefined;
  const { operations, options } = entry;
  const where = readWhere(options);
  const rate = options?.optional('rate', z.string());
  const during = options?.raw('during');
  const effectCeiling = options?.optional('effect', z.enum(effects)) ?? null;
  const approval = options?.optional('approval', z.enum(['none', 'required'])) ?? 'none';
  const grant: Grant = {
    rule,
    operations,
    where,
    effectCeiling,
    approval,
    rate: rate === undefined ? null : readRate(at(spot, operations, 'rate'), rate),
    during: during === undefined ? null : (readTimeWindow(at(spot, operations, 'during'), during) ?? null),
  };
  options?.close();
  return grant;
}

/** Reads an entry of `may-not`; undefined after reporting what is wrong. */
export function readDenial(spot: Spot, value: JsonValue, rule: RuleReference): Denial | undefined {
  const entry = readEntry(spot, value);
  if (entry === undefined) return undefined;
  const denial = { rule, operations: entry.operations, where: readWhere(entry.options) };
  entry.options?.close();
  return denial;
}

interface RuleEntry {
  readonly operations: string;
  readonly options: MapReader | undefined;
}

function readEntry(spot: Spot, value: JsonValue): RuleEntry | undefined {
  if (typeof value === 'string')
    return isTarget(value) ? { operations: value, options: undefined } : reportTarget(spot);
  if (!isJsonMap(value))
    return report(spot, `must be an operation, or one operation with conditions, not ${kindOf(value)}`);
  const [only, ...others] = Object.entries(value);
  if (only === undefined || others.length > 0)
    return report(spot, 'must name one operation; begin each with `-`, and indent its conditions');
  const [operations, written] = only;
  const place = at(spot, operations);
  if (!isTarget(operations)) return reportTarget(place);
  if (!isJsonMap(written) || Object.keys(written).length === 0) {
    return report(place, `has no conditions; write \`- ${operations}\`, or indent the conditions under it`);
  }
  return { operations, options: new MapReader(place, written) };
}

function isTarget(text: string): boolean {
  return isOperationId(text.endsWith('.*') ? text.slice(0, -2) : text);
}

function reportTarget(spot: Spot): undefined {
  return report(spot, 'must be the id of an operation, or a prefix that ends in `.*`, such as `orders.*`');
}

function readWhere(options: MapReader | undefined): Readonly<Record<string, JsonObject>> {
  const value = options?.raw('where');
  if (options === undefined || value === undefined) return {};
  const spot = at(options.spot, 'where');
  // An empty map would read like a condition and hold for every call.
  if (!isJsonMap(value) || Object.keys(value).length === 0) {
    report(spot, 'must be a map of inputs to conditions, such as `amount: { maximum: 50 }`');
    return {};
  }
  const where: Record<string, JsonObject> = {};
  for (const [name, condition] of Object.entries(value)) {
    if (isJsonMap(condition)) where[name] = condition;
    else report(at(spot, name), `must be a condition, such as \`{ const: … }\`, not ${kindOf(condition)}`);
  }
  return where;
}

function readRate(spot: Spot, text: string): Rate | null {
  const match = /^([1-9]\d{0,4})\/(s|m|h|d)$/.exec(text);
  const windowMs = unitMs[match?.[2] ?? ''];
  const count = Number(match?.[1] ?? 0);
  if (windowMs !== undefined && count >= 1 && count <= 10_000) return { count, windowMs };
  report(spot, 'must be a count from 1 to 10000 and a unit, such as 10/h; units are s, m, h, d');
  return null;
}
