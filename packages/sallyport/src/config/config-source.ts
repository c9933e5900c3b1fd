// Reads the config and the files that it names: regular files of bounded size in UTF-8, nothing else.
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import type { ReadSource } from '../domain/config.ts';
import { type OwnFiles, ownFileMessage } from '../domain/own-files.ts';

/** A file's text, or why it cannot be had. */
export type FileText = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string };

/** The file that a config stands in, and how the files beside it are read. */
export interface ConfigSource {
  /** Absolute path. */
  readonly file: string;
  /** What no path of the config may lead to. */
  readonly ownFiles: OwnFiles;
  readFile(path: string, ownFiles: OwnFiles): FileText;
}

/** What a text read from a file is known by afterwards. */
export function readSource(path: string, text: string): ReadSource {
  return { path, sha256: createHash('sha256').update(text).digest('hex') };
}

/** Whether every file still holds what was read from it. */
export function areUnchanged(sources: readonly ReadSource[], ownFiles: OwnFiles): boolean {
  return sources.every(({ path, sha256 }) => {
    const read = readRegularFile(path, ownFiles);
    return read.ok && readSource(path, read.text).sha256 === sha256;
  });
}

/** Largest file that is read, in bytes. */
const maxFileBytes = 1024 * 1024;

/**
 * Reads a regular file of at most 1 MiB in UTF-8; never waits for a pipe and never throws. It does not open Sallyport's own:
 * a process that closes any descriptor of a file gives up every lock that it holds there (POSIX fcntl), that of the state too.
 */
export function readRegularFile(path: string, ownFiles: OwnFiles): FileText {
  if (ownFiles.isReachedBy(path)) return { ok: false, message: ownFileMessage };
  let descriptor: number | undefined;
  try {
    // O_NONBLOCK: opening a pipe would wait for its writer.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(descriptor, { bigint: true });
    if (ownFiles.include(stat)) {
      // The path was moved there in between: one descriptor too many is better than a lock that is gone.
      descriptor = undefined;
      return { ok: false, message: ownFileMessage };
    }
    if (!stat.isFile()) return { ok: false, message: 'is not a regular file' };
    if (stat.size > maxFileBytes) return { ok: false, message: 'is larger than 1 MiB' };
    const bytes = readFileSync(descriptor);
    if (bytes.length > maxFileBytes) return { ok: false, message: 'is larger than 1 MiB' };
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    return { ok: false, message: faultOf(error) };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function faultOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'does not exist';
    case 'EACCES':
    case 'EPERM':
      return 'may not be read by this user';
    case 'ERR_ACCESS_DENIED':
      return 'is not among the files that the running server may read: restart it, and it will be';
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return 'is not UTF-8 text';
    default:
      return 'cannot be read';
  }
}
