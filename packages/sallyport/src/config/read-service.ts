// Reads one entry of `services`.
import { z } from 'zod';
import type { CredentialId } from '../domain/credential.ts';
import type { JsonValue } from '../domain/json-value.ts';
import type { Placement } from '../domain/placement.ts';
import type { HttpService, Service, ServiceId, SqliteService, TrustAnchor } from '../domain/service.ts';
import type { ConfigSource } from './config-source.ts';
import type { MapReader } from './map-reader.ts';
import { openMap } from './map-reader.ts';
import { isCredentialId } from './names.ts';
import { readPath } from './read-path.ts';
import { readPlace } from './read-place.ts';
import { readPostgres } from './read-postgres.ts';
import { readAddresses, readAnchor } from './read-trust.ts';
import type { ServiceUrl } from './service-url.ts';
import { isLoopbackHost, parseServiceUrl } from './service-url.ts';
import type { Spot } from './spot.ts';
import { at, report } from './spot.ts';

const filePath = z.string().min(1).max(4096);

const readers = { http: readHttp, sqlite: readSqlite, postgres: readPostgres } as const;

/** Reads a service; undefined after reporting what is wrong. */
export function readService(spot: Spot, id: ServiceId, entry: ServiceEntry): Service | undefined {
  const map = openMap(spot, entry.value);
  const type = map?.required('type', z.enum(['http', 'sqlite', 'postgres']));
  if (map === undefined || type === undefined) return undefined;
  const service = readers[type](map, id, entry.source);
  map.close();
  return service;
}

/** An entry of `services` with the file it stands in. */
export interface ServiceEntry {
  readonly value: JsonValue;
  readonly source: ConfigSource;
}

function readSqlite(map: MapReader, id: ServiceId, source: ConfigSource): SqliteService | undefined {
  const file = map.required('file', filePath);
  for (const key of ['credential', 'place', 'trust'] as const) {
    if (map.raw(key) !== undefined) {
      report(at(map.spot, key), `a sqlite service has no \`${key}\`: the file's permissions are its lock; remove it`);
    }
  }
  if (file === undefined) return undefined;
  const spot = at(map.spot, 'file');
  if (file.includes('\0') || file === ':memory:' || /^file:/i.test(file)) {
    return report(spot, 'must be the path of a file');
  }
  const path = readPath(spot, file, source);
  return path === undefined ? undefined : { type: 'sqlite', id, file: path };
}

function readHttp(map: MapReader, id: ServiceId, source: ConfigSource): HttpService | undefined {
  const url = readUrl(map);
  const access = readAccess(map);
  const addresses = readAddresses(map);
  const trust = readTrust(map, url, source);
  if (url === undefined || access === undefined || trust === undefined) return undefined;
  return { type: 'http', id, ...url, trust, addresses, ...access };
}

function readUrl(map: MapReader): ServiceUrl | undefined {
  const text = map.required('url', z.string());
  if (text === undefined) return undefined;
  const result = parseServiceUrl(text);
  return result.ok ? result.url : report(at(map.spot, 'url'), result.message);
}

interface Access {
  readonly credential: CredentialId | null;
  readonly place: Placement | null;
}

function readAccess(map: MapReader): Access | undefined {
  const name = map.required('credential', z.string());
  const placeValue = map.raw('place');
  const placeSpot = at(map.spot, 'place');
  const place = placeValue === undefined ? undefined : readPlace(placeSpot, placeValue);
  if (name === 'none') {
    if (placeValue !== undefined)
      return report(placeSpot, 'a service with `credential: none` has no `place`; remove it');
    return { credential: null, place: null };
  }
  if (placeValue === undefined && name !== undefined) {
    report(placeSpot, '`place` is missing; say where the credential goes, such as `place: bearer`');
  }
  if (name === undefined || place === undefined) return undefined;
  // An id that cannot be one is reported where references are followed.
  return isCredentialId(name) ? { credential: name, place } : undefined;
}

function readTrust(map: MapReader, url: ServiceUrl | undefined, source: ConfigSource): TrustAnchor | undefined {
  const value = map.raw('trust') ?? 'system';
  const spot = at(map.spot, 'trust');
  const trust = readAnchor(spot, value, source);
  if (url === undefined || trust === undefined) return trust;
  if (trust.kind === 'loopback') {
    if (!isLoopbackHost(url.host)) return report(spot, '`trust: loopback` is for hosts of this machine only; use TLS');
    if (url.scheme === 'https') return report(spot, '`trust: loopback` means no TLS; write `http://`, or trust a `ca`');
    return trust;
  }
  if (url.scheme === 'https') return trust;
  const advice = isLoopbackHost(url.host) ? 'use `https://`, or say `trust: loopback`' : 'use `https://`';
  return report(at(map.spot, 'url'), `plain HTTP would show the credential to the network; ${advice}`);
}
