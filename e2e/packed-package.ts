// Packs the package as it would be published and unpacks it, once for each run: end-to-end tests run what users get.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the package lies unpacked. */
    readonly packedPackage: string;
  }
}

const root = fileURLToPath(new URL('..', import.meta.url));
// Below the package's own node_modules, so that it finds exactly the dependencies that it would get, but nothing of its sources.
const cache = join(root, 'packages/sallyport/node_modules/.cache/e2e');

/** Packs and unpacks into a folder of this run, which it ends with; vitest runs this before the end-to-end tests. */
export function setup(project: TestProject): () => void {
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'run-'));
  // What was compiled since the last whole build is in no bundle yet, and a package takes the bundle that it has.
  execFileSync(process.execPath, [join(root, 'scripts/bundle.js')], { cwd: root });
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: join(root, 'packages/sallyport') });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error('npm pack made no tarball');
  execFileSync('tar', ['-xzf', join(folder, tarball), '-C', folder]);
  project.provide('packedPackage', join(folder, 'package'));
  return () => rmSync(folder, { recursive: true, force: true });
}

/** The launcher of the packed package. */
export function packedLauncher(): string {
  return join(inject('packedPackage'), 'bin', 'sallyport.js');
}
