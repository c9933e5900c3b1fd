// Reads `listen`: where agents reach Sallyport, on loopback unless TLS is configured.
import { z } from 'zod';
import type { ListenAddress } from '../domain/config.ts';
import type { JsonValue } from '../domain/json-value.ts';
import type { ConfigSource } from './config-source.ts';
import type { MapReader } from './map-reader.ts';
import { openMap } from './map-reader.ts';
import { readPath } from './read-path.ts';
import { canonicalHost, isLoopbackHost } from './service-url.ts';
import type { Spot } from './spot.ts';
import { at, report } from './spot.ts';

const defaults: ListenAddress = { host: '127.0.0.1', port: 7420, hostNames: [], tls: null };
// The port that is registered for exporters of OpenTelemetry to Prometheus.
const metricsPort = 9464;
const filePath = z.string().min(1).max(4096);

/** Reads `metrics`: an address like that of `listen`, on another port; null where it is not there. */
export function readMetrics(spot: Spot, value: JsonValue | undefined, source: ConfigSource): ListenAddress | null {
  if (value === undefined) return null;
  const map = openMap(spot, value);
  return map === undefined ? null : readAddress(map, source, metricsPort);
}

/** Reads `listen`; the defaults where it is not there. */
export function readListen(spot: Spot, value: JsonValue | undefined, source: ConfigSource): ListenAddress {
  const map = value === undefined ? undefined : openMap(spot, value);
  return map === undefined ? defaults : readAddress(map, source, defaults.port);
}

function readAddress(map: MapReader, source: ConfigSource, defaultPort: number): ListenAddress {
  const host = readHost(map);
  const port = map.optional('port', z.int().min(0).max(65_535)) ?? defaultPort;
  const hostNames = readHostNames(map);
  const tls = readTls(map, source);
  map.close();
  if (!isLoopbackHost(host) && map.raw('tls') === undefined) {
    report(at(map.spot, 'host'), 'another address than loopback needs `tls: { cert: FILE, key: FILE }`');
  }
  return { host, port, hostNames, tls };
}

function readHost(map: MapReader): string {
  const text = map.optional('host', z.string());
  if (text === undefined) return defaults.host;
  const host = canonicalHost(text.includes(':') ? `[${text}]` : text);
  if (host.ok) return host.host;
  report(at(map.spot, 'host'), host.message);
  return defaults.host;
}

function readHostNames(map: MapReader): readonly string[] {
  const names = map.optional('host-names', z.array(z.string()).max(100)) ?? [];
  names.forEach((name, index) => {
    const host = canonicalHost(name);
    if (!host.ok) report(at(map.spot, 'host-names', index), host.message);
  });
  return names.map((name) => name.toLowerCase());
}

function readTls(map: MapReader, source: ConfigSource): ListenAddress['tls'] {
  const value = map.raw('tls');
  const tls = value === undefined ? undefined : openMap(at(map.spot, 'tls'), value);
  if (tls === undefined) return null;
  const cert = tls.required('cert', filePath);
  const key = tls.required('key', filePath);
  tls.close();
  if (cert === undefined || key === undefined) return null;
  const certFile = readPath(at(tls.spot, 'cert'), cert, source);
  const keyFile = readPath(at(tls.spot, 'key'), key, source);
  return certFile === undefined || keyFile === undefined ? null : { certFile, keyFile };
}
