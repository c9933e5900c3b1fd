// Agents: lifetimes are required, rules name what exists, and a condition that cannot decide anything is an error.
import { describe, expect, it } from 'vitest';
import type { AgentDefinition } from '../../src/domain/agent.ts';
import { configOf, errorsOf, httpConfig, indent } from './config-text.ts';

const operationText = `effect: read
description: x
input: { id: { type: integer }, name: { type: string, maxLength: 9 } }
http: { method: GET, path: "/{id}", query: { n: $name } }
reply: none`;

function agentConfig(agent: string): string {
  const lifetimes = 'token: { max-lifetime: 30d }\nsession: { max-lifetime: 1h }';
  return httpConfig({ operation: operationText, more: `agents:\n  bot:\n${indent(`${lifetimes}\n${agent}`, 4)}` });
}

function read(agent: string): AgentDefinition | undefined {
  return [...configOf(agentConfig(agent)).agents.values()][0];
}

function errors(agent: string): readonly string[] {
  return errorsOf(agentConfig(agent)).map((line) => line.replace(/^\S+ /, ''));
}

describe('an agent', () => {
  it('has a ceiling of write unless it says otherwise, and may nothing', () => {
    expect(read('')).toEqual({
      id: 'bot',
      rule: { path: 'agents.bot', line: 18 },
      tokenMaxLifetimeMs: 30 * 86_400_000,
      sessionMaxLifetimeMs: 3_600_000,
      isLocal: false,
      effectCeiling: 'write',
      ceilingRule: { path: 'agents.bot', line: 18 },
      grants: [],
      denials: [],
    });
    expect(read('effect: destroy')?.effectCeiling).toBe('destroy');
    expect(read('local: false\neffect: read')?.ceilingRule).toEqual({ path: 'agents.bot.effect', line: 22 });
  });

  it('is local only where it says so, in a word that is no text', () => {
    expect(read('local: true')?.isLocal).toBe(true);
    expect(read('local: false')?.isLocal).toBe(false);
    expect(errors('local: "true"')).toHaveLength(1);
    expect(errors('local: yes')).toHaveLength(1);
  });

  it('must limit its tokens and sessions', () => {
    expect(errorsOf('agents: { a: {} }')).toHaveLength(2);
    expect(errorsOf('agents: { a: { token: {}, session: { max-lifetime: 1s } } }')).toHaveLength(2);
  });

  it('has grants with every condition, and the line of each', () => {
    const may = `may:
  - items.get
  - items.*:
      where: { id: { minimum: 1 } }
      rate: 10/h
      during: { days: mon-fri, from: "08:00", to: "18:00", zone: Europe/Berlin }
      effect: read
      approval: required
may-not:
  - items.get: { where: { id: { const: 7 } } }`;
    const agent = read(may);
    expect(agent?.grants[0]).toEqual({
      rule: { path: 'agents.bot.may[0]', line: 22 },
      operations: 'items.get',
      where: {},
      rate: null,
      during: null,
      effectCeiling: null,
      approval: 'none',
    });
    expect(agent?.grants[1]).toEqual({
      rule: { path: 'agents.bot.may[1]', line: 23 },
      operations: 'items.*',
      where: { id: { minimum: 1 } },
      rate: { count: 10, windowMs: 3_600_000 },
      during: { days: [1, 2, 3, 4, 5], fromMinute: 480, toMinute: 1080, zone: 'Europe/Berlin' },
      effectCeiling: 'read',
      approval: 'required',
    });
    expect(agent?.denials).toEqual([
      { rule: { path: 'agents.bot.may-not[0]', line: 30 }, operations: 'items.get', where: { id: { const: 7 } } },
    ]);
  });

  it.each([
    ['an unknown operation', 'may: [items.gte]'],
    ['a prefix of nothing', 'may: [orders.*]'],
    ['a prefix without its dot', 'may: [item*]'],
    ['everything', 'may: ["*"]'],
    ['a denial of nothing', 'may-not: [items.gte]'],
    ['two operations in one entry', 'may:\n  - items.get: { rate: 1/h }\n    items.*: { rate: 1/h }'],
    ['conditions that are not indented', 'may:\n  - items.get:\n    rate: 1/h'],
    ['an entry without conditions', 'may:\n  - items.get:'],
    ['a number', 'may: [5]'],
    ['a map instead of a list', 'may: { items.get: {} }'],
    ['an unknown key', 'may: [{ items.get: { rates: 1/h } }]'],
    ['a rate in a denial', 'may-not: [{ items.get: { rate: 1/h } }]'],
    ['an empty where', 'may: [{ items.get: { where: {} } }]'],
    ['a where of an unknown input', 'may: [{ items.get: { where: { ib: { const: 1 } } } }]'],
    ['a condition that is a value', 'may: [{ items.get: { where: { id: 7 } } }]'],
    ['a pattern on a number', 'may-not: [{ items.get: { where: { id: { pattern: a } } } }]'],
    ['a range on text', 'may-not: [{ items.get: { where: { name: { minimum: 1 } } } }]'],
    ['a rate of zero', 'may: [{ items.get: { rate: 0/h } }]'],
    ['a rate above 10000', 'may: [{ items.get: { rate: 10001/h } }]'],
    ['a rate in an unknown unit', 'may: [{ items.get: { rate: 1/w } }]'],
    ['a rate that is a number', 'may: [{ items.get: { rate: 10 } }]'],
  ])('P10: has no rule with %s', (_, rules) => {
    expect(errors(rules)).toHaveLength(1);
  });

  const during = (text: string) => `may: [{ items.get: { during: ${text} } }]`;

  it.each([
    ['[mon, sun]', [1, 7]],
    ['fri-mon', [1, 5, 6, 7]],
    ['[mon-tue, tue]', [1, 2]],
    ['sat', [6]],
  ])('knows the days %s', (days, expected) => {
    const agent = read(during(`{ days: ${days}, from: "22:00", to: "06:00", zone: UTC }`));
    expect(agent?.grants[0]?.during).toEqual({ days: expected, fromMinute: 1320, toMinute: 360, zone: 'UTC' });
  });

  it.each([
    '{ from: "08:00", to: "18:00" }',
    '{ from: "8:00", to: "18:00", zone: UTC }',
    '{ from: "08:00", to: "24:01", zone: UTC }',
    '{ from: "24:00", to: "08:00", zone: UTC }',
    '{ from: "08:00", to: "08:00", zone: UTC }',
    '{ from: "08:60", to: "09:00", zone: UTC }',
    '{ from: "08:00", to: "09:00", zone: Mars/Base }',
    '{ from: "08:00", to: "09:00", zone: "+02:00" }',
    '{ days: [monday], from: "08:00", to: "09:00", zone: UTC }',
    '{ days: [], from: "08:00", to: "09:00", zone: UTC }',
    '{ days: [1], from: "08:00", to: "09:00", zone: UTC }',
    '{ from: 08, to: "09:00", zone: UTC }',
  ])('has no hours like %s', (text) => {
    expect(errors(during(text))).toHaveLength(1);
  });
});
