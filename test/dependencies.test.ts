// Holds the dependencies to docs/dependencies.md: every one is in the table, none brings an install script, and they stay few.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dependencyRows } from './dependency-table.ts';
import { workspaceFolder } from './source-files.ts';

interface LockEntry {
  readonly version?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const maxPackages = 120;
const lockText = readFileSync(join(workspaceFolder, 'package-lock.json'), 'utf8');
const lock: Readonly<Record<string, LockEntry>> = JSON.parse(lockText).packages;
const declared = lock['packages/sallyport']?.dependencies ?? {};

describe('the dependencies', () => {
  it('of the package are those of docs/dependencies.md', () => {
    const names = dependencyRows().map((row) => row.name);
    expect(names).toEqual(Object.keys(declared).toSorted());
  });

  it('have exact versions', () => {
    expect(Object.values(declared).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it(`are at most ${maxPackages} packages in all`, () => {
    expect(closure('packages/sallyport').size - 1).toBeLessThanOrEqual(maxPackages);
  });

  it('bring along as many packages as docs/dependencies.md says, under the license that it names', () => {
    const facts = dependencyRows().map(({ name }) => {
      const path = locate('packages/sallyport', name) ?? '';
      return { name, bringsAlong: closure(path).size - 1, license: lock[path]?.license };
    });
    expect(facts).toEqual(dependencyRows().map(({ name, bringsAlong, license }) => ({ name, bringsAlong, license })));
  });

  it('need no install script, those of development included', () => {
    expect(Object.keys(lock).filter((path) => lock[path]?.hasInstallScript === true)).toEqual([]);
  });

  it('are locked without the address of a registry', () => {
    const addresses = Object.entries(lock).filter(([, entry]) => entry.resolved !== undefined && entry.link !== true);
    expect(addresses).toEqual([]);
  });
});

function closure(start: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const waiting = [start];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    for (const name of Object.keys({ ...lock[path]?.dependencies, ...lock[path]?.optionalDependencies })) {
      const found = locate(path, name);
      if (found !== undefined) waiting.push(found);
    }
  }
  return seen;
}

// As the runtime looks a package up: in the nearest node_modules on the way to the root.
function locate(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.includes('/') ? folder.slice(0, folder.lastIndexOf('/')) : '') {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (lock[path] !== undefined) return path;
    if (folder === '') return undefined;
  }
}
