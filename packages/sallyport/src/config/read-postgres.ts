// Reads a service of type postgres.
import { z } from 'zod';
import type { CredentialId } from '../domain/credential.ts';
import type { PostgresService, ServiceId, TrustAnchor } from '../domain/service.ts';
import type { ConfigSource } from './config-source.ts';
import type { MapReader } from './map-reader.ts';
import { isCredentialId } from './names.ts';
import { readAddresses, readAnchor } from './read-trust.ts';
import { canonicalHost, isLoopbackHost } from './service-url.ts';
import { at, report } from './spot.ts';

const defaultPort = 5432;
// What the server keeps of a name (NAMEDATALEN - 1): a longer one would silently be another.
const maxNameBytes = 63;

/** Reads a PostgreSQL service; undefined after reporting what is wrong. */
export function readPostgres(map: MapReader, id: ServiceId, source: ConfigSource): PostgresService | undefined {
  const host = readHost(map);
  const port = map.optional('port', z.int().min(1).max(65_535)) ?? defaultPort;
  const database = readName(map, 'database');
  const searchPath = readSearchPath(map);
  const credential = readCredentialName(map);
  const addresses = readAddresses(map);
  const trust = readTrust(map, host, source);
  if (host === undefined || database === undefined || searchPath === undefined) return undefined;
  if (credential === undefined || trust === undefined) return undefined;
  return { type: 'postgres', id, host, port, database, searchPath, trust, addresses, credential };
}

function readHost(map: MapReader): string | undefined {
  const text = map.required('host', z.string());
  if (text === undefined) return undefined;
  const spot = at(map.spot, 'host');
  // IPv6 stands without brackets here, and with them in URLs.
  const result = canonicalHost(text.includes(':') ? `[${text}]` : text);
  return result.ok ? result.host : report(spot, result.message);
}

function readName(map: MapReader, key: 'database'): string | undefined {
  const text = map.required(key, z.string());
  if (text === undefined) return undefined;
  return isName(text) ? text : report(at(map.spot, key), nameRule);
}

const nameRule = `must be a name of 1 to ${maxNameBytes} bytes without control characters`;

function isName(text: string): boolean {
  return text !== '' && Buffer.byteLength(text) <= maxNameBytes && text.isWellFormed() && !/\p{Cc}/u.test(text);
}

function readSearchPath(map: MapReader): readonly string[] | undefined {
  const schemas = map.optional('search-path', z.array(z.string()).min(1).max(20)) ?? ['public'];
  const spot = at(map.spot, 'search-path');
  for (const [index, schema] of schemas.entries()) {
    if (!isName(schema)) return report(at(spot, index), nameRule);
    // `$user` would depend on the credential, and the server's own schemas come first anyway.
    if (schema === '$user' || schema.startsWith('pg_')) {
      return report(at(spot, index), 'must be a schema of your own; `pg_catalog` always comes first');
    }
  }
  return schemas;
}

function readCredentialName(map: MapReader): CredentialId | undefined {
  const name = map.required('credential', z.string());
  if (map.raw('place') !== undefined) {
    report(at(map.spot, 'place'), 'a postgres service has no `place`: the credential signs in; remove it');
  }
  if (name === 'none') {
    return report(at(map.spot, 'credential'), 'a postgres service needs a credential of kind `username-password`');
  }
  return name !== undefined && isCredentialId(name) ? name : undefined;
}

function readTrust(map: MapReader, host: string | undefined, source: ConfigSource): TrustAnchor | undefined {
  const spot = at(map.spot, 'trust');
  const trust = readAnchor(spot, map.raw('trust') ?? 'system', source);
  if (trust?.kind === 'loopback' && host !== undefined && !isLoopbackHost(host)) {
    return report(spot, '`trust: loopback` is for hosts of this machine only; use TLS');
  }
  return trust;
}
