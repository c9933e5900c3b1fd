// Reads `reply`: which fields or rows of a reply an agent sees, and how much of it.
import { z } from 'zod';
import type { JsonValue } from '../domain/json-value.ts';
import type { FieldPointer, ReplyPolicy } from '../domain/reply-policy.ts';
import type { MapReader } from './map-reader.ts';
import { isJsonList, isJsonMap, kindOf, openMap } from './map-reader.ts';
import { isHttpToken } from './names.ts';
import type { Spot } from './spot.ts';
import { at, report } from './spot.ts';

/** Which kind of request the reply answers. */
export type ReplyContext = 'http' | 'sql';

const caps = { maxBytes: 65_536, maxRows: 100 };
const byteCount = z
  .int()
  .min(1)
  .max(8 * 1024 * 1024);
const rowCount = z.int().min(1).max(10_000);
// Setting a cookie or naming a challenge is between Sallyport and the service.
const hiddenHeaders: ReadonlySet<string> = new Set(
  'set-cookie set-cookie2 www-authenticate proxy-authenticate authorization authentication-info'.split(' '),
);

/** Reads a reply policy; undefined after reporting what is wrong. */
export function readReply(spot: Spot, value: JsonValue | undefined, context: ReplyContext): ReplyPolicy | undefined {
  if (value === undefined) return report(spot, `\`reply\` is missing; say what the agent may see: ${formsOf(context)}`);
  if (value === 'none') return { kind: 'none', ...caps, headers: [] };
  if (context === 'sql') return isJsonMap(value) ? readRows(spot, value) : report(spot, `must be ${formsOf(context)}`);
  if (value === 'all') return { kind: 'all', ...caps, headers: [] };
  if (isJsonList(value)) return { kind: 'fields', fields: readPointers(spot, value), ...caps, headers: [] };
  return isJsonMap(value) ? readFields(spot, value) : report(spot, `must be ${formsOf(context)}`);
}

function formsOf(context: ReplyContext): string {
  return context === 'http'
    ? 'a list of JSON pointers, `{ fields: […], rows, bytes, headers }`, `none` or `all`'
    : '`{ rows: N }` or `none`';
}

function readRows(spot: Spot, value: JsonValue): ReplyPolicy | undefined {
  const map = openMap(spot, value);
  if (map === undefined) return undefined;
  const maxRows = map.required('rows', rowCount);
  const maxBytes = map.optional('bytes', byteCount) ?? caps.maxBytes;
  map.close();
  return maxRows === undefined ? undefined : { kind: 'rows', maxRows, maxBytes, headers: [] };
}

function readFields(spot: Spot, value: JsonValue): ReplyPolicy | undefined {
  const map = openMap(spot, value);
  if (map === undefined) return undefined;
  const written = map.raw('fields');
  const maxRows = map.optional('rows', rowCount) ?? caps.maxRows;
  const maxBytes = map.optional('bytes', byteCount) ?? caps.maxBytes;
  const headers = readHeaders(map);
  map.close();
  const fieldsSpot = at(spot, 'fields');
  if (written === undefined) return report(fieldsSpot, '`fields` is missing; list JSON pointers, such as /id');
  if (!isJsonList(written)) return report(fieldsSpot, `must be a list of JSON pointers, not ${kindOf(written)}`);
  return { kind: 'fields', fields: readPointers(fieldsSpot, written), maxRows, maxBytes, headers };
}

function readHeaders(map: MapReader): readonly string[] {
  const names = map.optional('headers', z.array(z.string()).max(50)) ?? [];
  names.forEach((name, index) => {
    const spot = at(map.spot, 'headers', index);
    if (!isHttpToken(name)) report(spot, 'is not a header name');
    else if (hiddenHeaders.has(name.toLowerCase())) report(spot, 'this header is never passed on; remove it');
  });
  return names.map((name) => name.toLowerCase());
}

function readPointers(spot: Spot, values: readonly JsonValue[]): readonly FieldPointer[] {
  if (values.length === 0) report(spot, 'is empty; list at least one JSON pointer, or say `none`');
  if (values.length > 1000) report(spot, 'has more than 1000 pointers');
  return values.map((value, index) => readPointer(at(spot, index), value)).filter((pointer) => pointer !== undefined);
}

/** RFC 6901, with `*` for every element of an array. */
function readPointer(spot: Spot, value: JsonValue): FieldPointer | undefined {
  if (typeof value !== 'string') return report(spot, `must be a JSON pointer, not ${kindOf(value)}`);
  const isPointer = value.length <= 500 && value.startsWith('/') && !/~(?![01])/.test(value);
  if (!isPointer) return report(spot, 'must be a JSON pointer that begins with `/`, such as /items/*/id');
  return value
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}
