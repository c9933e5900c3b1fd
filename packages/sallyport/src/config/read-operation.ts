// Reads one entry of `operations`.
import { z } from 'zod';
import type { Effect } from '../domain/effect.ts';
import { effects } from '../domain/effect.ts';
import type { JsonObject, JsonValue } from '../domain/json-value.ts';
import type { OperationDefinition, OperationId, SqlStatement } from '../domain/operation.ts';
import type { Service, ServiceId } from '../domain/service.ts';
import { readHttpTemplate } from './http-template.ts';
import { readInputs } from './input-schema.ts';
import type { DeclaredInput } from './input-scope.ts';
import { InputScope } from './input-scope.ts';
import type { MapReader } from './map-reader.ts';
import { openMap } from './map-reader.ts';
import { durationBetween, isServiceId, visibleText } from './names.ts';
import { readReply } from './reply-rules.ts';
import type { Spot } from './spot.ts';
import { at, report } from './spot.ts';
import { sqlParameters } from './sql-parameters.ts';

const defaultTimeoutMs = 10_000;

/** An entry of `operations`, and what the other sections say about it. */
export interface OperationEntry {
  readonly value: JsonValue;
  /** Undefined for a service that is not declared or could not be read. */
  readonly serviceTypeOf: (id: ServiceId) => Service['type'] | undefined;
}

/** Reads an operation; undefined after reporting what is wrong. */
export function readOperation(spot: Spot, id: OperationId, entry: OperationEntry): OperationDefinition | undefined {
  const { value, serviceTypeOf } = entry;
  const map = openMap(spot, value);
  if (map === undefined) return undefined;
  const service = readServiceName(map);
  const effect = map.required('effect', z.enum(effects));
  const description = map.required('description', visibleText(1024));
  const inputs = readInputs(at(spot, 'input'), map.raw('input'));
  const isPostgres = service !== undefined && serviceTypeOf(service) === 'postgres';
  const request = readRequest(map, { inputs, effect, isPostgres });
  const reply = readReply(at(spot, 'reply'), map.raw('reply'), map.raw('sql') === undefined ? 'http' : 'sql');
  const timeoutMs = map.optional('timeout', durationBetween(1, 300_000)) ?? defaultTimeoutMs;
  map.close();
  if (service === undefined || effect === undefined || description === undefined) return undefined;
  if (request === undefined || reply === undefined) return undefined;
  return { id, service, effect, description, ...inputsOf(inputs), request, reply, timeoutMs };
}

function readServiceName(map: MapReader): ServiceId | undefined {
  const name = map.required('service', z.string());
  return name !== undefined && isServiceId(name) ? name : undefined;
}

interface RequestContext {
  readonly inputs: ReadonlyMap<string, DeclaredInput | undefined>;
  readonly effect: Effect | undefined;
  readonly isPostgres: boolean;
}

function readRequest(map: MapReader, context: RequestContext): OperationDefinition['request'] | undefined {
  const { inputs, effect, isPostgres } = context;
  const scope = new InputScope(inputs);
  const http = map.raw('http');
  const sql = map.optional('sql', z.string().max(65_536));
  if ((http === undefined) === (map.raw('sql') === undefined)) {
    return report(map.spot, 'an operation has either `http` or `sql`');
  }
  // The statement is read with the grammar of its server when the operation is compiled, parameters and all.
  if (isPostgres && http === undefined) return readPostgresSql(at(map.spot, 'sql'), sql);
  const request =
    http === undefined
      ? readSql(at(map.spot, 'sql'), sql, scope)
      : readHttpTemplate(at(map.spot, 'http'), http, { scope, effect });
  // What could not be read may have used every input.
  if (request !== undefined) scope.reportUnused(at(map.spot, 'input'));
  return request;
}

function readPostgresSql(spot: Spot, sql: string | undefined): SqlStatement | undefined {
  if (sql === undefined) return undefined;
  if (sql.trim() === '' || sql.includes('\0')) return report(spot, 'must be one SQL statement');
  return { type: 'postgres', sql };
}

function readSql(spot: Spot, sql: string | undefined, scope: InputScope): SqlStatement | undefined {
  if (sql === undefined) return undefined;
  if (sql.trim() === '' || sql.includes('\0')) return report(spot, 'must be one SQL statement');
  const { names, hasOtherStyle } = sqlParameters(sql);
  if (hasOtherStyle) report(spot, 'parameters are written `:name`; `?`, `@name` and `$name` are not allowed');
  for (const name of names) scope.use(spot, name, 'scalar');
  return { type: 'sqlite', sql };
}

function inputsOf(
  inputs: ReadonlyMap<string, DeclaredInput | undefined>,
): Pick<OperationDefinition, 'input' | 'optionalInputs'> {
  const input: Record<string, JsonObject> = {};
  const optionalInputs: string[] = [];
  for (const [name, declared] of inputs) {
    if (declared === undefined) continue;
    input[name] = declared.schema;
    if (declared.isOptional) optionalInputs.push(name);
  }
  return { input, optionalInputs };
}
