// Reads why the peer of a service is believed, and where it may be: what every service on the network has.
import { createHash, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { JsonValue } from '../domain/json-value.ts';
import type { TrustAnchor } from '../domain/service.ts';
import { cidrFault } from './address-range.ts';
import type { ConfigSource } from './config-source.ts';
import type { MapReader } from './map-reader.ts';
import { openMap } from './map-reader.ts';
import { readPath } from './read-path.ts';
import type { Spot } from './spot.ts';
import { at, report } from './spot.ts';

/** Reads `addresses`, and reports what is no CIDR. */
export function readAddresses(map: MapReader): readonly string[] {
  const addresses = map.optional('addresses', z.array(z.string()).min(1).max(100)) ?? [];
  addresses.forEach((text, index) => {
    const fault = cidrFault(text);
    if (fault !== undefined) report(at(map.spot, 'addresses', index), fault);
  });
  return addresses;
}

/** Reads a value of `trust`; undefined after reporting what is wrong. */
export function readAnchor(spot: Spot, value: JsonValue, source: ConfigSource): TrustAnchor | undefined {
  return value === 'system' || value === 'loopback' ? { kind: value } : readCa(spot, value, source);
}

function readCa(spot: Spot, value: JsonValue, source: ConfigSource): TrustAnchor | undefined {
  if (typeof value === 'string') return report(spot, 'must be `system`, `loopback` or `{ ca: FILE }`');
  const map = openMap(spot, value);
  const written = map?.required('ca', z.string().min(1).max(4096));
  map?.close();
  if (written === undefined) return undefined;
  const file = readPath(at(spot, 'ca'), written, source);
  if (file === undefined) return undefined;
  const read = source.readFile(file, source.ownFiles);
  if (!read.ok) return report(at(spot, 'ca'), `the file ${read.message}`);
  const fault = certificateFault(read.text);
  if (fault !== undefined) return report(at(spot, 'ca'), fault);
  return { kind: 'ca', file, pem: read.text, sha256: createHash('sha256').update(read.text).digest('hex') };
}

function certificateFault(pem: string): string | undefined {
  if (pem.includes('PRIVATE KEY-----')) return 'the file holds a private key; it must hold certificates only';
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) return 'the file holds no PEM certificate';
  return blocks.every(isCertificate) ? undefined : 'the file holds a certificate that cannot be read';
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
