// Reads where a service's credential goes in its requests.
import { z } from 'zod';
import type { JsonValue } from '../domain/json-value.ts';
import type { Placement } from '../domain/placement.ts';
import { framingHeaders } from './header-rules.ts';
import { openMap } from './map-reader.ts';
import { isHttpToken } from './names.ts';
import type { Spot } from './spot.ts';
import { report } from './spot.ts';

const forms = '`bearer`, `basic`, `{ header: NAME, prefix: TEXT }`, `{ query: NAME }` or `{ cookie: NAME }`';

/** Reads a `place`; undefined after reporting what is wrong. */
export function readPlace(spot: Spot, value: JsonValue): Placement | undefined {
  if (value === 'bearer' || value === 'basic') return { kind: value };
  if (typeof value === 'string') return report(spot, `must be ${forms}`);
  const map = openMap(spot, value);
  if (map === undefined) return undefined;
  const header = map.optional('header', z.string());
  const prefix = map.optional('prefix', z.string());
  const query = map.optional('query', z.string());
  const cookie = map.optional('cookie', z.string());
  map.close();
  const named = [header, query, cookie].filter((name) => name !== undefined);
  if (named.length !== 1) return report(spot, `must be exactly one of ${forms}`);
  if (prefix !== undefined && header === undefined) return report(spot, '`prefix` belongs to `header` only');
  if (header !== undefined) return headerPlace(spot, header, prefix ?? '');
  if (query !== undefined) {
    const isName = /^[A-Za-z0-9_.~-]{1,100}$/.test(query);
    return isName ? { kind: 'query', name: query } : report(spot, '`query` must be a plain parameter name');
  }
  if (cookie !== undefined && isHttpToken(cookie)) return { kind: 'cookie', name: cookie };
  return report(spot, '`cookie` must be a cookie name');
}

function headerPlace(spot: Spot, name: string, prefix: string): Placement | undefined {
  if (!isHttpToken(name)) return report(spot, '`header` must be a header name');
  if (framingHeaders.has(name.toLowerCase()) || name.toLowerCase() === 'cookie') {
    return report(spot, 'this header cannot carry a credential; Sallyport or the protocol owns it');
  }
  if (prefix.length > 100 || !/^[\x20-\x7e]*$/.test(prefix)) return report(spot, '`prefix` must be visible ASCII');
  return { kind: 'header', name: name.toLowerCase(), prefix };
}
