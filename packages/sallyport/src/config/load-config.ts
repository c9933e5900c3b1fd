// Loads `sallyport.yaml`: everything that is wrong with it, with line and column, or the config as domain types.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { canonicalJson } from '../domain/canonical-json.ts';
import type { Config, ReadSource } from '../domain/config.ts';
import type { JsonObject } from '../domain/json-value.ts';
import type { OwnFiles } from '../domain/own-files.ts';
import type { ConfigPath, LocatedProblem, Problem } from '../domain/problem.ts';
import type { Service, ServiceId } from '../domain/service.ts';
import type { ConfigSource } from './config-source.ts';
import { readRegularFile, readSource } from './config-source.ts';
import { checkReferences } from './cross-references.ts';
import type { DeclaredParts } from './declared-parts.ts';
import { readSection } from './declared-parts.ts';
import { isJsonMap, kindOf, MapReader } from './map-reader.ts';
import { isAgentId, isCredentialId, isOperationId, isServiceId } from './names.ts';
import { readAgent } from './read-agent.ts';
import { readCredential } from './read-credential.ts';
import { readListen, readMetrics } from './read-listen.ts';
import { readOperation } from './read-operation.ts';
import { readService } from './read-service.ts';
import type { Spot } from './spot.ts';
import { at } from './spot.ts';
import type { TextPosition, YamlDocument } from './yaml-document.ts';
import { parseYaml } from './yaml-document.ts';

/** A config, or every problem of the file; never both. */
export type LoadResult =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly LocatedProblem[] }
  | { readonly ok: false; readonly problems: readonly LocatedProblem[] };

/** Loads a config file of at most 1 MiB and the certificates that it names; never throws for what stands in them. */
export function loadConfig(file: string, ownFiles: OwnFiles): LoadResult {
  const path = resolve(file);
  const read = readRegularFile(path, ownFiles);
  if (read.ok) return parseConfig(read.text, { file: path, ownFiles, readFile: readRegularFile });
  const hint = existsSync(path)
    ? ''
    : '; `sallyport init http` or `sallyport init sqlite` writes one, --config names another';
  const problem = { severity: 'error', path: [], message: `the config file ${read.message}${hint}` } as const;
  return { ok: false, problems: [{ ...problem, file: path, line: 1, column: 1 }] };
}

/** Parses the text of a config; paths in it are relative to its file. */
export function parseConfig(text: string, from: ConfigSource): LoadResult {
  const sources: ReadSource[] = [readSource(from.file, text)];
  const source: ConfigSource = { ...from, readFile: noted(from, sources) };
  const document = parseYaml(text);
  const problems: Problem[] = [];
  const { value } = document;
  if (value !== undefined && !isJsonMap(value)) {
    problems.push({
      severity: 'error',
      path: [],
      message: `the config must be a map of sections, not ${kindOf(value)}`,
    });
  }
  const root: Spot = { path: [], problems };
  if (isJsonMap(value)) warnOfNothing(problems, value);
  const fields = isJsonMap(value) ? value : {};
  const declared = value === undefined ? undefined : readDocument(root, { fields, document, source });
  const located = locateAll(problems, document, source.file);
  if (declared === undefined || located.some(({ severity }) => severity === 'error'))
    return { ok: false, problems: located };
  const { listen, metrics, parts } = declared;
  const config: Config = {
    file: source.file,
    digest: digestOf(fields, parts),
    listen,
    metrics,
    services: parts.services.values,
    credentials: parts.credentials.values,
    operations: parts.operations.values,
    agents: parts.agents.values,
    sources,
    isProven: false,
    locate: (path) => document.locate(path),
  };
  return { ok: true, config, warnings: located };
}

function noted(from: ConfigSource, sources: ReadSource[]): ConfigSource['readFile'] {
  return (path, ownFiles) => {
    const outcome = from.readFile(path, ownFiles);
    if (outcome.ok) sources.push(readSource(path, outcome.text));
    return outcome;
  };
}

// An empty file is valid: it allows nothing. Hardly anybody means that.
function warnOfNothing(problems: Problem[], fields: JsonObject): void {
  const declares = (name: string): boolean => isJsonMap(fields[name]) && Object.keys(fields[name]).length > 0;
  if (['services', 'operations', 'agents'].some(declares)) return;
  const message =
    'the config declares no service, no operation and no agent, so no call is allowed; `sallyport init http --config FILE` writes one to start from';
  problems.push({ severity: 'warning', path: [], message });
}

interface ReadContext {
  readonly fields: JsonObject;
  readonly document: YamlDocument;
  readonly source: ConfigSource;
}

interface Declared {
  readonly listen: Config['listen'];
  readonly metrics: Config['metrics'];
  readonly parts: DeclaredParts;
}

function readDocument(root: Spot, { fields, document, source }: ReadContext): Declared {
  const map = new MapReader(root, fields);
  const listen = readListen(at(root, 'listen'), map.raw('listen'), source);
  const metrics = readMetrics(at(root, 'metrics'), map.raw('metrics'), source);
  const lineOf = (path: ConfigPath): number => document.locate(path).line;
  const services = readSection(at(root, 'services'), map.raw('services'), {
    reference: 'credential',
    isId: isServiceId,
    read: (spot, id, value) => readService(spot, id, { value, source }),
  });
  const serviceTypeOf = (id: ServiceId): Service['type'] | undefined => services.values.get(id)?.type;
  const parts: DeclaredParts = {
    services,
    credentials: readSection(at(root, 'credentials'), map.raw('credentials'), {
      reference: null,
      isId: isCredentialId,
      read: readCredential,
    }),
    operations: readSection(at(root, 'operations'), map.raw('operations'), {
      reference: 'service',
      isId: isOperationId,
      read: (spot, id, value) => readOperation(spot, id, { value, serviceTypeOf }),
    }),
    agents: readSection(at(root, 'agents'), map.raw('agents'), {
      reference: null,
      isId: isAgentId,
      read: (spot, id, value) => readAgent(spot, id, { value, lineOf }),
    }),
  };
  map.close();
  checkReferences(root, parts);
  return { listen, metrics, parts };
}

function locateAll(problems: readonly Problem[], document: YamlDocument, file: string): readonly LocatedProblem[] {
  const inText = document.problems.map(({ severity, path, message, line, column }) => {
    return { severity, path, message, file, line, column };
  });
  const unreadable = new Set(document.problems.filter(({ hidesValue }) => hidesValue).map(positionText));
  const inValues = problems
    .map((problem) => ({ ...problem, file, ...document.locate(problem.path) }))
    .filter((problem) => !unreadable.has(positionText(problem)));
  return [...inText, ...inValues].sort((left, right) => left.line - right.line || left.column - right.column);
}

function positionText({ line, column }: TextPosition): string {
  return `${line}:${column}`;
}

// A certificate that changed behind its name changes what the config means, so it is part of the digest.
function digestOf(fields: JsonObject, { services }: DeclaredParts): string {
  const anchors: Record<string, string> = {};
  for (const service of services.values.values()) {
    if (service.type !== 'sqlite' && service.trust.kind === 'ca') anchors[service.id] = service.trust.sha256;
  }
  return createHash('sha256')
    .update(canonicalJson({ document: fields, anchors }))
    .digest('hex');
}
