// A probe proves the peer as a call would, and writes nothing beyond the handshake.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SallyportError } from '../../src/domain/errors.ts';
import { probeService } from '../../src/net/probe.ts';
import { httpService } from './http-service.ts';

const pem = (name: string): string => readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url), 'utf8');

async function probe(certificate: string): Promise<{ readonly code: string | undefined; readonly bytes: number }> {
  let bytes = 0;
  const closed = Promise.withResolvers<void>();
  const server = createServer({ cert: pem(certificate), key: pem(`${certificate}-key`) }, (socket) => {
    socket.on('data', (chunk) => {
      bytes += chunk.length;
    });
    socket.on('error', () => {}).on('close', () => closed.resolve());
  });
  server.on('tlsClientError', () => closed.resolve());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const trust = { kind: 'ca', file: 'ca.pem', pem: pem('ca'), sha256: '' } as const;
  const service = httpService({ host: 'localhost', port, trust, addresses: ['127.0.0.0/8', '::1/128'] });
  const error: unknown = await probeService(service, 5_000).catch((thrown: unknown) => thrown);
  await closed.promise;
  return { code: error instanceof SallyportError ? error.code : undefined, bytes };
}

describe('a probe', () => {
  it('sends nothing to a peer that proved its identity', async () => {
    expect(await probe('good')).toEqual({ code: undefined, bytes: 0 });
  });

  it.each(['wrong-name', 'expired', 'self-signed'])('refuses a peer whose certificate is %s', async (certificate) => {
    expect((await probe(certificate)).code).toBe('UPSTREAM_IDENTITY');
  });

  it('refuses an address that the service may not have', async () => {
    const refused = probeService(httpService({ host: '127.0.0.1', port: 1 }), 1_000);
    await expect(refused).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
  });
});
