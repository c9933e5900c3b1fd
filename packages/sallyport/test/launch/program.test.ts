// Which program the command runs: a bundle of what was compiled before would run code that is no longer there.
import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const source = fileURLToPath(new URL('../../bin/program.js', import.meta.url));
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-program-'));
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'dist', 'bundle'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  cpSync(source, join(folder, 'bin', 'program.js'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the command runs', () => {
  it('what the compiler made where there is no bundle', async () => {
    expect(await chosen()).toBe('dist/cli/main.js');
  });

  it('the bundle of a package, which has no record of the compiler', async () => {
    write('bundle/main.js', 1000);
    expect(await chosen()).toBe('dist/bundle/main.js');
  });

  it('the bundle that was made after the compiler', async () => {
    write('.tsbuildinfo', 1000);
    write('bundle/main.js', 1001);
    expect(await chosen()).toBe('dist/bundle/main.js');
  });

  it('no bundle that is older than what was compiled', async () => {
    write('bundle/main.js', 1000);
    write('.tsbuildinfo', 1001);
    expect(await chosen()).toBe('dist/cli/main.js');
  });
});

function write(name: string, atSeconds: number): void {
  const file = join(folder, 'dist', name);
  writeFileSync(file, '');
  utimesSync(file, atSeconds, atSeconds);
}

async function chosen(): Promise<string> {
  const { programUrl } = await import(pathToFileURL(join(folder, 'bin', 'program.js')).href);
  const url: URL = programUrl('main.js', 'cli/main.js');
  return url.href.slice(pathToFileURL(folder).href.length + 1);
}
