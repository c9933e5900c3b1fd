// Reads one entry of `agents`: how long its tokens and sessions live, and what it may call.
import { z } from 'zod';
import type { AgentDefinition, AgentId } from '../domain/agent.ts';
import { effects } from '../domain/effect.ts';
import type { RuleReference } from '../domain/grant.ts';
import type { JsonValue } from '../domain/json-value.ts';
import type { ConfigPath } from '../domain/problem.ts';
import type { MapReader } from './map-reader.ts';
import { isJsonList, kindOf, openMap } from './map-reader.ts';
import { lifetime } from './read-credential.ts';
import { readDenial, readGrant } from './read-grant.ts';
import type { Spot } from './spot.ts';
import { at, pathText, report } from './spot.ts';

const maxRules = 1000;

/** An entry of `agents`, with the way to a line. */
export interface AgentEntry {
  readonly value: JsonValue;
  lineOf(path: ConfigPath): number;
}

/** Reads an agent; undefined after reporting what is wrong. */
export function readAgent(spot: Spot, id: AgentId, entry: AgentEntry): AgentDefinition | undefined {
  const map = openMap(spot, entry.value);
  if (map === undefined) return undefined;
  const rule = (path: ConfigPath): RuleReference => ({ path: pathText(path), line: entry.lineOf(path) });
  // A lifetime that cannot be read is reported; the rules are followed all the same.
  const tokenMaxLifetimeMs = readLifetime(map, 'token') ?? 0;
  const sessionMaxLifetimeMs = readLifetime(map, 'session') ?? 0;
  // The safe choice: what cannot be undone is named for each agent.
  const effectCeiling = map.optional('effect', z.enum(effects)) ?? 'write';
  const ceilingRule = rule(map.raw('effect') === undefined ? spot.path : at(spot, 'effect').path);
  const isLocal = map.optional('local', z.boolean()) ?? false;
  const grants = readRules(map, 'may', (place, value) => readGrant(place, value, rule(place.path)));
  const denials = readRules(map, 'may-not', (place, value) => readDenial(place, value, rule(place.path)));
  map.close();
  return {
    id,
    rule: rule(spot.path),
    tokenMaxLifetimeMs,
    sessionMaxLifetimeMs,
    isLocal,
    effectCeiling,
    ceilingRule,
    grants,
    denials,
  };
}

function readLifetime(map: MapReader, key: 'token' | 'session'): number | undefined {
  const value = map.raw(key);
  const spot = at(map.spot, key);
  if (value === undefined) return report(spot, `\`${key}\` is missing; say \`${key}: { max-lifetime: … }\``);
  const lifetimes = openMap(spot, value);
  const maxLifetimeMs = lifetimes?.required('max-lifetime', lifetime);
  lifetimes?.close();
  return maxLifetimeMs;
}

type RuleReader<Rule> = (spot: Spot, value: JsonValue) => Rule | undefined;

function readRules<Rule>(map: MapReader, key: 'may' | 'may-not', read: RuleReader<Rule>): readonly Rule[] {
  const value = map.raw(key);
  const spot = at(map.spot, key);
  if (value === undefined) return [];
  if (!isJsonList(value)) return report(spot, `must be a list of operations, not ${kindOf(value)}`) ?? [];
  if (value.length > maxRules) return report(spot, `has more than ${maxRules} entries`) ?? [];
  return value.map((item, index) => read(at(spot, index), item)).filter((rule) => rule !== undefined);
}
