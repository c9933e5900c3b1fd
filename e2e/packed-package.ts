// Packs the package as it would be published and unpacks it, once for each run: end-to-end tests run what users get.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
// Below the package's own node_modules, so that it finds exactly the dependencies that it would get, but nothing of its sources.
const cache = join(root, 'packages/sallyport/node_modules/.cache/e2e');

/** Packs and unpacks; vitest runs this before the end-to-end tests. */
export function setup(): void {
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'pack-'));
  execFileSync('npm', ['pack', '--silent', '--pack-destination', work], { cwd: join(root, 'packages/sallyport') });
  const tarball = readdirSync(work).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error('npm pack made no tarball');
  execFileSync('tar', ['-xzf', join(work, tarball), '-C', work]);
  rmSync(join(cache, 'package'), { recursive: true, force: true });
  renameSync(join(work, 'package'), join(cache, 'package'));
  rmSync(work, { recursive: true, force: true });
}

/** The launcher of the packed package. */
export function packedLauncher(): string {
  const launcher = join(cache, 'package', 'bin', 'sallyport.js');
  if (!existsSync(launcher)) throw new Error('the package is not packed: run these tests through `npm test`');
  return launcher;
}
