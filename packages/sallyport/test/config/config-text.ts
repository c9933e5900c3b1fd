// Short ways to parse a config in tests and to read what came of it.
import { resolve } from 'node:path';
import type { ConfigSource } from '../../src/config/config-source.ts';
import { readRegularFile } from '../../src/config/config-source.ts';
import { parseConfig } from '../../src/config/load-config.ts';
import type { Config } from '../../src/domain/config.ts';
import type { OwnFiles } from '../../src/domain/own-files.ts';
import type { LocatedProblem } from '../../src/domain/problem.ts';

/** Where test configs seem to stand. */
export const configFile = resolve('/srv/sallyport/sallyport.yaml');

/** Where no file is Sallyport's own. */
export const noOwnFiles: OwnFiles = { isReachedBy: () => false, include: () => false };

/** A config at a path, of a machine that has no state. */
export function sourceAt(file: string): ConfigSource {
  return { file, ownFiles: noOwnFiles, readFile: readRegularFile };
}

/** The config of a text that has no error. */
export function configOf(text: string): Config {
  const result = parseConfig(text, sourceAt(configFile));
  if (!result.ok) throw new Error(result.problems.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return result.config;
}

/** Every problem of a text, errors and warnings. */
export function problemsOf(text: string): readonly LocatedProblem[] {
  const result = parseConfig(text, sourceAt(configFile));
  return result.ok ? result.warnings : result.problems;
}

/** Messages of the errors of a text, each with `line:column`. */
export function errorsOf(text: string): readonly string[] {
  return problemsOf(text)
    .filter(({ severity }) => severity === 'error')
    .map(({ line, column, message }) => `${line}:${column} ${message}`);
}

/** A config with one HTTP service; each part can be replaced by lines of YAML. */
export function httpConfig(
  parts: { readonly service?: string; readonly operation?: string; readonly more?: string } = {},
) {
  return `services:
  api:
    type: http
${indent(parts.service ?? 'url: https://api.example.com\ncredential: api\nplace: bearer', 4)}
credentials:
  api: { kind: token, max-lifetime: 90d }
operations:
  items.get:
    service: api
${indent(parts.operation ?? simpleOperation, 4)}
${parts.more ?? ''}`;
}

/** An operation without faults. */
export const simpleOperation = `effect: read
description: One item.
input: { id: { type: integer } }
http: { method: GET, path: '/items/{id}' }
reply: [/name]`;

/** An operation that writes, with an input fragment and a request. */
export function operation(input: string, http: string, reply = 'none'): string {
  return `effect: write\ndescription: Something.\ninput: ${input}\nhttp: ${http}\nreply: ${reply}`;
}

/** Every line moved to the right. */
export function indent(text: string, by: number): string {
  return text
    .split('\n')
    .map((line) => `${' '.repeat(by)}${line}`)
    .join('\n');
}
