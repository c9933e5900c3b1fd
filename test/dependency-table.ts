// Reads the table of docs/dependencies.md, so that what is written there and what is enforced cannot differ.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceFolder } from './source-files.ts';

/** One row: the package, the folders that may import it, how many packages it brings along, and its license. */
export interface DependencyRow {
  readonly name: string;
  readonly folders: readonly string[];
  readonly bringsAlong: number;
  readonly license: string;
}

/** The rows of the first table of docs/dependencies.md. */
export function dependencyRows(): readonly DependencyRow[] {
  const text = readFileSync(join(workspaceFolder, 'docs/dependencies.md'), 'utf8');
  return text.split('\n').flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    const name = /^`([^`]+)`$/.exec(cells[1] ?? '')?.[1];
    if (name === undefined || cells.length !== 9) return [];
    const folders = [...(cells[4] ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
    return [{ name, folders, bringsAlong: Number(cells[5]), license: cells[7] ?? '' }];
  });
}
