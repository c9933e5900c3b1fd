// The source files of the package as the workspace's own tests see them: path, text and tokens, read once.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Token, tokenize } from './source-scan.ts';

/** A TypeScript source below `packages/sallyport/src`, or a test; `path` is relative to the folder and has forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly tokens: readonly Token[];
}

/** The workspace's folder. */
export const workspaceFolder = fileURLToPath(new URL('..', import.meta.url));

/** Reads every TypeScript file below a folder of the workspace. */
export function sourceFiles(folder: string): readonly SourceFile[] {
  const absolute = join(workspaceFolder, folder);
  return readdirSync(absolute, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts') && !/(^|\/)(node_modules|dist)\//.test(path))
    .toSorted()
    .map((path) => {
      const text = readFileSync(join(absolute, path), 'utf8');
      return { path, text, tokens: tokenize(text) };
    });
}
