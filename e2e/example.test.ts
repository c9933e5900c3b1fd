// Contract: what `npm start` runs, with either database, goes as promised, twice, and no piece of the key is in anything but the
// service's own log.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leaks, type PlantedSecret } from '../test/oracle.ts';
import { describeWithServer } from '../test/servers.ts';
import { ExampleMachine, type ExampleResult } from './example-machine.ts';
import { asRecord } from './sandbox.ts';

const perRunMs = 60_000;

describe('the shop example', () => testExample('shop'));

describeWithServer('postgres', 'the shop example on PostgreSQL', () => testExample('shop-postgres'));

function testExample(name: string): void {
  let machine: ExampleMachine;

  beforeAll(async () => {
    machine = await ExampleMachine.for(name);
  });

  afterAll(() => {
    machine.remove();
  });

  it(
    'goes as promised on a machine that has never seen it',
    async () => {
      expectEveryStep(await machine.run());
    },
    perRunMs,
  );

  it(
    'finds its state the second time, and goes as promised again',
    async () => {
      const result = await machine.run();
      expectEveryStep(result);
      expect(result.errors).toContain('Vault   found');
    },
    perRunMs,
  );

  it(
    'shows no piece of the key to the agent, in a log, or on disk',
    async () => {
      const result = await machine.run();
      const secrets = keysThatArrived(machine);
      expect(secrets).toHaveLength(1);
      // The control: the oracle does see the key where it must be.
      expect(leaks(readFileSync(join(machine.folder, 'service.log')), secrets)).toHaveLength(1);
      const evidence = [
        Buffer.from(result.output),
        Buffer.from(result.errors),
        ...filesButServiceLogAndKey(machine).map((path) => readFileSync(path)),
      ];
      expect(evidence.length).toBeGreaterThan(5);
      expect(evidence.flatMap((bytes) => leaks(bytes, secrets))).toEqual([]);
    },
    perRunMs,
  );
}

function expectEveryStep({ status, output, errors }: ExampleResult): void {
  expect([status, status === 0 ? '' : errors + output]).toEqual([0, '']);
  const { steps } = asRecord(JSON.parse(output.trimEnd().split('\n').at(-1) ?? ''));
  const all = Array.isArray(steps) ? steps.map(asRecord) : [];
  expect(all.length).toBeGreaterThanOrEqual(8);
  expect(all.filter((step) => step['ok'] !== true)).toEqual([]);
}

function keysThatArrived({ folder }: ExampleMachine): readonly PlantedSecret[] {
  const lines = readFileSync(join(folder, 'service.log'), 'utf8').trimEnd().split('\n');
  const keys = new Set(
    lines.map((line) => String(asRecord(JSON.parse(line))['authorization']).slice('Bearer '.length)),
  );
  return [...keys].map((value) => ({ name: 'the key', value, unguessableFrom: 'shop_'.length }));
}

function filesButServiceLogAndKey({ folder }: ExampleMachine): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name !== 'service.log' && !entry.name.endsWith('.key'))
    .map((entry) => join(entry.parentPath, entry.name));
}
