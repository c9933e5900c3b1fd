// Lists the files that a config's services need, for the launcher's permission model.
import type { OwnFiles } from '../domain/own-files.ts';
import { readRegularFile } from './config-source.ts';

/** A file, and whether it is written. */
export interface ServiceFile {
  /** Absolute path. */
  readonly path: string;
  readonly write: boolean;
}

/** Files of SQLite services, trust anchors and TLS; empty when the config has an error. Never throws. */
export async function serviceFiles(configPath: string, ownFiles: OwnFiles): Promise<readonly ServiceFile[]> {
  const read = readRegularFile(configPath, ownFiles);
  if (!read.ok || namesNoFile(read.text)) return [];
  const { parseConfig } = await import('./load-config.ts');
  const loaded = parseConfig(read.text, { file: configPath, ownFiles, readFile: readRegularFile });
  if (!loaded.ok) return [];
  const { services, operations, listen, metrics } = loaded.config;
  const writing = new Set(
    [...operations.values()].filter(({ effect }) => effect !== 'read').map(({ service }) => service),
  );
  const files = new Map<string, boolean>();
  const add = (path: string, write: boolean) => files.set(path, write || files.get(path) === true);
  for (const service of services.values()) {
    if (service.type === 'sqlite') add(service.file, writing.has(service.id));
    else if (service.trust.kind === 'ca') add(service.trust.file, false);
  }
  for (const tls of [listen.tls, metrics?.tls ?? null]) {
    if (tls === null) continue;
    add(tls.certFile, false);
    add(tls.keyFile, false);
  }
  return [...files].map(([path, write]) => ({ path, write }));
}

// Most of a start is the parsing of a large file. One of these words stands wherever a file is named; a backslash could write it otherwise.
function namesNoFile(text: string): boolean {
  return !/sqlite|\bca\b|\btls\b|\\/.test(text);
}
