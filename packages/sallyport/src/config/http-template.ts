// Reads the `http` of an operation: a fixed request with typed inputs in it.
import { z } from 'zod';
import type { Effect } from '../domain/effect.ts';
import type { JsonValue } from '../domain/json-value.ts';
import type { HttpRequestTemplate, Slot } from '../domain/operation.ts';
import { hiddenCharacter } from '../domain/visible-text.ts';
import { headerFault } from './header-rules.ts';
import type { InputScope } from './input-scope.ts';
import type { MapReader } from './map-reader.ts';
import { openMap } from './map-reader.ts';
import { isHeaderText, isHttpToken } from './names.ts';
import { readPathTemplate } from './path-template.ts';
import { readBody, readSlots } from './slots.ts';
import type { Spot } from './spot.ts';
import { at, report } from './spot.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** What an HTTP template is read with. */
export interface TemplateContext {
  readonly scope: InputScope;
  readonly effect: Effect | undefined;
}

/** Reads the request of an HTTP operation; undefined after reporting what is wrong. */
export function readHttpTemplate(
  spot: Spot,
  value: JsonValue,
  context: TemplateContext,
): HttpRequestTemplate | undefined {
  const map = openMap(spot, value);
  if (map === undefined) return undefined;
  const method = map.required('method', z.enum(methods));
  const isReadMethod = method === 'GET' || method === 'HEAD';
  if (context.effect === 'read' && method !== undefined && !isReadMethod) {
    report(at(spot, 'method'), 'an operation of `effect: read` may only GET or HEAD; say `effect: write` or `destroy`');
  }
  const path = map.required('path', z.string().max(2000));
  const segments = path === undefined ? [] : readPathTemplate(at(spot, 'path'), path, context.scope);
  const query = readQuery(map, context.scope);
  const headers = readHeaders(map, context.scope);
  const body = readRequestBody(map, context.scope);
  if (isReadMethod && body.kind !== 'none')
    report(at(spot, body.kind === 'form' ? 'form' : 'body'), `${method} has no body`);
  const idempotencyHeader = readIdempotencyHeader(map, headers);
  map.close();
  if (method === undefined || path === undefined) return undefined;
  return { type: 'http', method, path, segments, query, headers, body, idempotencyHeader };
}

function readQuery(map: MapReader, scope: InputScope): HttpRequestTemplate['query'] {
  const value = map.raw('query');
  if (value === undefined) return {};
  return readSlots(at(map.spot, 'query'), value, { scope, nameFault: fieldNameFault });
}

function fieldNameFault(name: string): string | undefined {
  const isPlain = name !== '' && name.length <= 200 && hiddenCharacter(name) === undefined;
  return isPlain ? undefined : 'must be a name of 1 to 200 visible characters';
}

function readHeaders(map: MapReader, scope: InputScope): HttpRequestTemplate['headers'] {
  const value = map.raw('headers');
  if (value === undefined) return {};
  const spot = at(map.spot, 'headers');
  const written = readSlots(spot, value, { scope, nameFault: headerNameFault });
  const headers: Record<string, Slot> = {};
  for (const [name, slot] of Object.entries(written)) {
    const lower = name.toLowerCase();
    if (Object.hasOwn(headers, lower)) report(at(spot, name), 'this header stands here twice; keep one');
    if (slot.kind === 'fixed' && !isHeaderText(slot.text)) {
      report(at(spot, name), 'must be visible ASCII without spaces at its ends');
    }
    headers[lower] = slot;
  }
  return headers;
}

function headerNameFault(name: string): string | undefined {
  if (!isHttpToken(name)) return 'is not a header name';
  const fault = headerFault(name.toLowerCase());
  return fault === undefined ? undefined : `this header ${fault}`;
}

function readRequestBody(map: MapReader, scope: InputScope): HttpRequestTemplate['body'] {
  const body = map.raw('body');
  const form = map.raw('form');
  if (body !== undefined && form !== undefined)
    report(at(map.spot, 'form'), 'a request has `body` or `form`, not both');
  if (form !== undefined) {
    return { kind: 'form', fields: readSlots(at(map.spot, 'form'), form, { scope, nameFault: fieldNameFault }) };
  }
  if (body === undefined) return { kind: 'none' };
  if (body === null) report(at(map.spot, 'body'), 'is empty; leave `body` out, or give the JSON to send');
  const template = readBody(at(map.spot, 'body'), body, scope);
  return template === undefined ? { kind: 'none' } : { kind: 'json', template };
}

function readIdempotencyHeader(map: MapReader, headers: HttpRequestTemplate['headers']): string | null {
  const name = map.optional('idempotency-header', z.string());
  if (name === undefined) return null;
  const spot = at(map.spot, 'idempotency-header');
  const fault = headerNameFault(name);
  if (fault !== undefined) report(spot, fault);
  if (Object.hasOwn(headers, name.toLowerCase())) report(spot, 'is also set under `headers`; remove it there');
  return name.toLowerCase();
}
