// Where in the config something is read from, and where its problems go.
import type { ConfigPath, Problem } from '../domain/problem.ts';

/** A place in the config, with the list that takes the problems found there. */
export interface Spot {
  readonly path: ConfigPath;
  readonly problems: Problem[];
}

/** The place under another one. */
export function at(spot: Spot, ...keys: readonly (string | number)[]): Spot {
  return { path: [...spot.path, ...keys], problems: spot.problems };
}

/** Adds an error; the message says what is wrong and what to write instead. */
export function report(spot: Spot, message: string): undefined {
  spot.problems.push({ severity: 'error', path: spot.path, message });
  return undefined;
}

/** Adds a warning. */
export function warn(spot: Spot, message: string): void {
  spot.problems.push({ severity: 'warning', path: spot.path, message });
}

/** A path as people write it: `agents.support-bot.may[1]`. */
export function pathText(path: ConfigPath): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`),
    '',
  );
}
