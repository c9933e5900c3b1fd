// Reads the path of a file that a config names: relative to the config, and never one of Sallyport's own.
import { dirname, resolve } from 'node:path';
import { ownFileMessage } from '../domain/own-files.ts';
import type { ConfigSource } from './config-source.ts';
import type { Spot } from './spot.ts';
import { report } from './spot.ts';

/** The absolute path; undefined after reporting that it leads to the state or the key. */
export function readPath(spot: Spot, written: string, { file, ownFiles }: ConfigSource): string | undefined {
  const path = resolve(dirname(file), written);
  return ownFiles.isReachedBy(path) ? report(spot, `the file ${ownFileMessage}`) : path;
}
