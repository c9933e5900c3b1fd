// What an operator should know about the config file while a server runs on the config that it loaded.
import { existsSync } from 'node:fs';
import { areUnchanged } from '../config/config-source.ts';
import { type Notice, todo } from '../domain/notice.ts';
import { ownFiles } from '../launch/own-files.ts';
import type { StatePaths } from '../launch/state-paths.ts';
import { type LiveSnapshot, listenNotices } from './live-snapshot.ts';

/** Notices on the difference between the file and what is in force; none when there is none. */
export async function configNotices(live: LiveSnapshot, paths: StatePaths): Promise<readonly Notice[]> {
  const inForce = live.current().catalogue.config;
  if (areUnchanged(inForce.sources, ownFiles(paths))) return [];
  const { loadConfig } = await import('../config/load-config.ts');
  const loaded = loadConfig(inForce.file, ownFiles(paths));
  if (!loaded.ok && !existsSync(inForce.file)) {
    const what = `the config ${inForce.file} is gone, and what it said last is in force`;
    return [todo(what, 'put it back: without it the server cannot start again')];
  }
  if (!loaded.ok) {
    return [todo('the config has errors and is not in force; the last good one is', 'run `sallyport check`')];
  }
  const listen = listenNotices(inForce, loaded.config);
  if (loaded.config.digest === inForce.digest) return listen;
  if (live.lastRefusal() !== null) {
    return [todo('the config was changed, and the last reload of it was refused', 'run `sallyport reload` to see why')];
  }
  return [todo('the config was changed', 'run `sallyport reload`'), ...listen];
}
