// What every benchmark shares: interleaved rounds, medians, a table for people and a file for machines.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

/** One thing that is measured: a round returns a figure (requests or bytes for each second, microseconds, …). */
export interface Contestant {
  readonly name: string;
  readonly unit: string;
  readonly round: () => Promise<number>;
}

/** Medians by contestant, and every figure that they come from. */
export interface Measured {
  readonly medians: Readonly<Record<string, number>>;
  readonly raw: Readonly<Record<string, readonly number[]>>;
}

/** What `--json FILE` receives; the metric keys that an issue names are fixed. */
export interface BenchReport {
  readonly name: string;
  readonly commit: string;
  readonly node: string;
  readonly cores: number;
  readonly rounds: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly raw: Readonly<Record<string, unknown>>;
}

/** The middle value; of an even count the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (upper === undefined || lower === undefined) throw new RangeError('a median needs at least one value');
  return (upper + lower) / 2;
}

/**
 * Runs every contestant once a round, in an order that rotates, so that a slow minute of the machine hits all of them alike.
 * The first round warms up and is not counted.
 */
export async function measure(contestants: readonly Contestant[], rounds: number): Promise<Measured> {
  const raw = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    const first = round % contestants.length;
    for (const contestant of [...contestants.slice(first), ...contestants.slice(0, first)]) {
      const figure = await contestant.round();
      if (round > 0) raw.get(contestant.name)?.push(figure);
    }
  }
  const medians = Object.fromEntries([...raw].map(([name, figures]) => [name, median(figures)]));
  return { medians, raw: Object.fromEntries(raw) };
}

/** The options that every benchmark understands: `--json FILE` and `--rounds N` (default 5). */
export function benchOptions(args: readonly string[] = process.argv.slice(2)): {
  readonly jsonFile: string | undefined;
  readonly rounds: number;
} {
  const { values } = parseArgs({
    args: [...args],
    options: { json: { type: 'string' }, rounds: { type: 'string', default: '5' } },
    strict: true,
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError('--rounds takes a whole number from 1');
  return { jsonFile: values.json, rounds };
}

/** Prints the table and, when a file was asked for, writes the report. */
export function report(
  run: {
    readonly name: string;
    readonly contestants: readonly Contestant[];
    readonly measured: Measured;
    readonly metrics: Readonly<Record<string, number>>;
  },
  options: { readonly jsonFile: string | undefined; readonly rounds: number },
): void {
  process.stdout.write(table(run.contestants, run.measured));
  for (const [key, value] of Object.entries(run.metrics)) process.stdout.write(`${key} ${formatFigure(value)}\n`);
  if (options.jsonFile === undefined) return;
  const file: BenchReport = {
    name: run.name,
    commit: commit(),
    node: process.versions.node,
    cores: availableParallelism(),
    rounds: options.rounds,
    metrics: run.metrics,
    raw: run.measured.raw,
  };
  writeFileSync(options.jsonFile, `${JSON.stringify(file, null, 2)}\n`);
}

/** One line for each contestant: median, lowest and highest figure, unit. */
export function table(contestants: readonly Contestant[], measured: Measured): string {
  const rows = contestants.map(({ name, unit }) => {
    const figures = measured.raw[name] ?? [];
    const low = formatFigure(Math.min(...figures));
    const high = formatFigure(Math.max(...figures));
    return [name, formatFigure(measured.medians[name] ?? Number.NaN), low, high, unit];
  });
  const all = [['', 'median', 'low', 'high', ''], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  return `${all.map((row) => line(row).trimEnd()).join('\n')}\n`;
}

function formatFigure(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);
}

// A copy without git (an archive) is measured as well.
function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
