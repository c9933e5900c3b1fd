// wrk as the load generator: one thread on its own core, keep-alive connections, a Lua script for the request.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadCore, outputOn } from './processes.ts';

/** One kind of request. */
export interface Load {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body; `@ID@` becomes a number of its own in each request. */
  readonly body: string;
}

/** What a round came to. */
export interface WrkResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Runs one round. @throws when a single answer was not a success */
export async function wrk(
  binary: string,
  load: Load,
  { connections, seconds, folder }: { readonly connections: number; readonly seconds: number; readonly folder: string },
): Promise<WrkResult> {
  const script = join(folder, 'request.lua');
  writeFileSync(script, luaScript(load));
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '--timeout', '10s', '-s', script, load.url];
  const output = await outputOn(loadCore, [binary, ...args]);
  const bad = /Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)/.exec(output);
  if (bad !== null) throw new Error(`${load.url}: ${bad[0]}`);
  return {
    perSecond: figure(output, /Requests\/sec:\s+([\d.]+)/),
    p50Ms: duration(output, /50%\s+([\d.]+)(us|ms|s)/),
    p99Ms: duration(output, /99%\s+([\d.]+)(us|ms|s)/),
  };
}

function luaScript({ headers, body }: Load): string {
  const lines = Object.entries(headers).map(([name, value]) => `wrk.headers[${lua(name)}] = ${lua(value)}`);
  const [before = '', after] = body.split('@ID@');
  const request =
    after === undefined
      ? 'local fixed\nrequest = function() fixed = fixed or wrk.format() return fixed end'
      : `local id = 0\nrequest = function() id = id + 1 return wrk.format(nil, nil, nil, ${lua(before)} .. id .. ${lua(after)}) end`;
  return ['wrk.method = "POST"', ...lines, `wrk.body = ${lua(body)}`, request].join('\n');
}

// Lua reads the escapes that JSON writes for ASCII.
function lua(text: string): string {
  return JSON.stringify(text);
}

function figure(output: string, pattern: RegExp): number {
  const value = Number(pattern.exec(output)?.[1]);
  if (Number.isNaN(value)) throw new Error(`wrk printed no figure:\n${output}`);
  return value;
}

function duration(output: string, pattern: RegExp): number {
  const [, value, unit] = pattern.exec(output) ?? [];
  const factor = { us: 0.001, ms: 1, s: 1000 }[unit ?? ''] ?? Number.NaN;
  return Number(value) * factor;
}
