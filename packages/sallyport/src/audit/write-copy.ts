// Writes a copy of the log that can be verified elsewhere: tiles, entry bundles and the signed checkpoint of C2SP tlog-tiles.
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SallyportError } from '../domain/errors.ts';
import { entriesPath, hashesPath, tileWidth } from './tile-paths.ts';
import { leafHash, nodeHash } from './tree.ts';

/** Where the copy comes from: the leaves up to a checkpoint, in pages. */
export interface CopySource {
  /** The signed checkpoint, and the leaves that it covers. */
  readonly checkpoint: { readonly note: string; readonly size: number };
  /** Leaves from an index on, in order; any number of them but none only at the end. */
  leaves(from: number): Promise<readonly Uint8Array[]>;
  /** Told how far it is. */
  progress(written: number, size: number): void;
}

// What a copy writes at its top; one that was cut off has no checkpoint.
const ownNames: ReadonlySet<string> = new Set(['checkpoint', 'tile']);
const lengthBytes = 2;
const maxLeafBytes = 0xffff;

/**
 * Refuses a folder that holds anything but a copy: files of somebody else would be taken for parts of the log.
 * @throws SallyportError ADMIN_INPUT
 */
export async function requireCopyFolder(folder: string): Promise<void> {
  const names = await namesIn(folder);
  if (names === undefined || names.every((name) => ownNames.has(name))) return;
  throw new SallyportError(
    'ADMIN_INPUT',
    `${folder} is no empty folder and no earlier copy: name another one, which is made where it is not there`,
  );
}

// A file in the place of the folder holds something as well.
async function namesIn(folder: string): Promise<readonly string[] | undefined> {
  const facts = await stat(folder).catch(() => undefined);
  if (facts === undefined) return undefined;
  return facts.isDirectory() ? await readdir(folder) : ['.'];
}

/** Writes the copy into a folder, which is made; files of an earlier copy are overwritten. */
export async function writeCopy(folder: string, source: CopySource): Promise<void> {
  const { size, note } = source.checkpoint;
  const hashes: Buffer[] = [];
  let bundle: Uint8Array[] = [];
  for (let next = 0; next < size; ) {
    const page = await source.leaves(next);
    if (page.length === 0) throw new RangeError('the log is shorter than its checkpoint');
    for (const leaf of page.slice(0, size - next)) {
      hashes.push(leafHash(leaf));
      bundle.push(leaf);
      next += 1;
      if (bundle.length < tileWidth && next < size) continue;
      await write(folder, entriesPath(Math.floor((next - 1) / tileWidth), bundle.length), encodeBundle(bundle));
      bundle = [];
    }
    source.progress(next, size);
  }
  await writeTiles(folder, hashes);
  // Last, so that a copy with a checkpoint is a whole one.
  await write(folder, 'checkpoint', Buffer.from(note));
}

async function writeTiles(folder: string, leaves: readonly Buffer[]): Promise<void> {
  let hashes = leaves;
  for (let level = 0; hashes.length > 0; level += 1) {
    for (let index = 0; index * tileWidth < hashes.length; index += 1) {
      const tile = hashes.slice(index * tileWidth, (index + 1) * tileWidth);
      await write(folder, hashesPath(level, index, tile.length), Buffer.concat(tile));
    }
    hashes = fullSubtrees(hashes);
  }
}

// A hash of the next level stands for a full tile of this one.
function fullSubtrees(hashes: readonly Buffer[]): readonly Buffer[] {
  const above: Buffer[] = [];
  for (let index = 0; (index + 1) * tileWidth <= hashes.length; index += 1) {
    let row = hashes.slice(index * tileWidth, (index + 1) * tileWidth);
    while (row.length > 1) row = pairs(row);
    above.push(...row);
  }
  return above;
}

function pairs(row: readonly Buffer[]): Buffer[] {
  const joined: Buffer[] = [];
  for (let at = 0; at + 1 < row.length; at += 2) {
    const [left, right] = [row[at], row[at + 1]];
    if (left !== undefined && right !== undefined) joined.push(nodeHash(left, right));
  }
  return joined;
}

function encodeBundle(leaves: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    leaves.flatMap((leaf) => {
      if (leaf.length > maxLeafBytes) throw new RangeError('a leaf is longer than an entry bundle can hold');
      const length = Buffer.alloc(lengthBytes);
      length.writeUInt16BE(leaf.length);
      return [length, leaf];
    }),
  );
}

async function write(folder: string, path: string, bytes: Uint8Array): Promise<void> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
}
