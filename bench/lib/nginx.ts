// nginx twice: as the service that answers 1 KB from memory, and as the proxy that everything is compared with.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchProcess, startOn } from './processes.ts';

/** Where an nginx works. */
export interface NginxPlace {
  readonly binary: string;
  readonly folder: string;
  readonly port: number;
  readonly core: number;
}

/** A service that answers every request with this JSON. */
export async function startService(place: NginxPlace, json: string): Promise<BenchProcess> {
  return await start(place, `location / { default_type application/json; return 200 '${json}'; }`, '');
}

/** A proxy that replaces the Authorization header and passes the rest, as Sallyport does. */
export async function startProxy(place: NginxPlace, servicePort: number): Promise<BenchProcess> {
  const upstream = `upstream service { server 127.0.0.1:${servicePort}; keepalive 128; keepalive_requests 1000000; }`;
  const location = `location / {
    proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Authorization "Bearer x";
  }`;
  return await start(place, location, upstream);
}

async function start(
  { binary, folder, port, core }: NginxPlace,
  location: string,
  upstream: string,
): Promise<BenchProcess> {
  const prefix = join(folder, `nginx-${port}`);
  mkdirSync(join(prefix, 'logs'), { recursive: true });
  const config = `
daemon off; worker_processes 1; pid ${prefix}/pid; error_log ${prefix}/error.log crit;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000; client_body_buffer_size 16k;
  client_body_temp_path ${prefix}/body; proxy_temp_path ${prefix}/proxy; fastcgi_temp_path ${prefix}/f; uwsgi_temp_path ${prefix}/u; scgi_temp_path ${prefix}/s;
  ${upstream}
  server { listen 127.0.0.1:${port} reuseport; ${location} }
}`;
  const file = join(prefix, 'nginx.conf');
  writeFileSync(file, config);
  return await startOn(core, [binary, '-p', prefix, '-c', file], port);
}
