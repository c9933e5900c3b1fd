// Services and credentials: one reading of every URL, identity before secrets, one target for each credential.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load-config.ts';
import { parseServiceUrl } from '../../src/config/service-url.ts';
import type { Service } from '../../src/domain/service.ts';
import { configOf, errorsOf, httpConfig, sourceAt } from './config-text.ts';

function serviceErrors(service: string): readonly string[] {
  return errorsOf(httpConfig({ service })).map((text) => text.replace(/^\S+ /, ''));
}

function only(services: ReadonlyMap<string, Service>): Service | undefined {
  return [...services.values()][0];
}

describe('a service URL', () => {
  it.each([
    ['https://api.example.com', 'api.example.com', 443, []],
    ['https://api.example.com/', 'api.example.com', 443, []],
    ['https://API.example.com:8443/v1/x%20y/', 'api.example.com', 8443, ['v1', 'x y']],
    ['https://[2001:db8::1]:8443', '2001:db8::1', 8443, []],
    ['https://10.1.2.3', '10.1.2.3', 443, []],
    ['https://xn--bcher-kva.example', 'xn--bcher-kva.example', 443, []],
  ])('%s is read in one way', (text, host, port, basePath) => {
    expect(parseServiceUrl(text)).toEqual({ ok: true, url: { scheme: 'https', host, port, basePath } });
  });

  it.each([
    ['user:pw@host', 'https://user:pw@api.example.com'],
    ['a user alone', 'https://api.example.com@evil.example'],
    ['a query', 'https://api.example.com/?a=1'],
    ['a fragment', 'https://api.example.com/#a'],
    ['a trailing dot', 'https://api.example.com.'],
    ['a percent-encoded host', 'https://api%2eexample.com'],
    ['a decimal IPv4', 'https://2130706433'],
    ['an octal IPv4', 'https://0177.0.0.1'],
    ['a hexadecimal IPv4', 'https://0x7f.1'],
    ['a short IPv4', 'https://127.1'],
    ['a long IPv6', 'https://[0:0:0:0:0:0:0:1]'],
    ['an IPv6 zone', 'https://[fe80::1%25eth0]'],
    ['an underscore', 'https://api_x.example.com'],
    ['a full-width letter', 'https://ａpi.example.com'],
    ['a tab', 'https://api.exa\tmple.com'],
    ['a line end', 'https://api.example.com\n'],
    ['a backslash', 'https://api.example.com\\@evil.example'],
    ['an empty host', 'https://'],
    ['another scheme', 'ftp://api.example.com'],
    ['an upper-case scheme', 'HTTPS://api.example.com'],
    ['no scheme', 'api.example.com'],
    ['port 0', 'https://api.example.com:0'],
    ['port 65536', 'https://api.example.com:65536'],
    ['an empty port', 'https://api.example.com:'],
    ['a port with zeros', 'https://api.example.com:0443'],
    ['dots in the path', 'https://api.example.com/a/../b'],
    ['encoded dots', 'https://api.example.com/%2e%2e/b'],
    ['an encoded slash', 'https://api.example.com/a%2fb'],
    ['an encoded backslash', 'https://api.example.com/a%5cb'],
    ['double encoding', 'https://api.example.com/a%252e'],
    ['a path parameter', 'https://api.example.com/..;/b'],
    ['an empty segment', 'https://api.example.com/a//b'],
    ['a broken encoding', 'https://api.example.com/%zz'],
    ['a wildcard', 'https://*.example.com'],
    ['a NUL', 'https://evil.example\0.example.com'],
  ])('D10, D11: is refused with %s', (_, text) => {
    expect(parseServiceUrl(text).ok).toBe(false);
  });

  it('tells the punycode of an international name', () => {
    expect(parseServiceUrl('https://bücher.example')).toEqual({
      ok: false,
      message: 'has a host in an ambiguous spelling; write `xn--bcher-kva.example`',
    });
  });
});

describe('trust', () => {
  it('D13: allows plain HTTP on loopback only, and only by name', () => {
    const rest = 'credential: api\nplace: bearer';
    expect(serviceErrors(`url: http://127.0.0.1:8080\n${rest}`)).toEqual([
      'plain HTTP would show the credential to the network; use `https://`, or say `trust: loopback`',
    ]);
    expect(serviceErrors(`url: http://api.example.com\ntrust: loopback\n${rest}`)).toEqual([
      '`trust: loopback` is for hosts of this machine only; use TLS',
    ]);
    expect(serviceErrors(`url: http://127.0.0.1.example.com\ntrust: loopback\n${rest}`)).toHaveLength(1);
    expect(serviceErrors(`url: https://localhost\ntrust: loopback\n${rest}`)).toHaveLength(1);
    for (const host of ['127.0.0.1:8080', '[::1]:80', 'localhost', '127.9.9.9']) {
      expect(serviceErrors(`url: http://${host}\ntrust: loopback\n${rest}`)).toEqual([]);
    }
  });

  describe('in a CA file', () => {
    let folder = '';
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'sallyport-ca-'));
      const command = [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-subj',
        '/CN=x',
      ];
      const names = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'ca.pem')];
      execFileSync('openssl', [...command, ...names], { stdio: 'ignore' });
      writeFileSync(join(folder, 'text.pem'), 'no certificate');
      writeFileSync(join(folder, 'broken.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    function parse(ca: string) {
      const service = `url: https://api.example.com\ntrust: { ca: ${ca} }\ncredential: api\nplace: bearer`;
      return parseConfig(httpConfig({ service }), sourceAt(join(folder, 'sallyport.yaml')));
    }

    function messages(ca: string): readonly string[] {
      const result = parse(ca);
      return result.ok ? [] : result.problems.map(({ message }) => message);
    }

    it('is read relative to the config, with its digest', () => {
      const result = parse('ca.pem');
      const service = result.ok ? only(result.config.services) : undefined;
      expect(service).toMatchObject({
        trust: {
          kind: 'ca',
          file: join(folder, 'ca.pem'),
          pem: readFileSync(join(folder, 'ca.pem'), 'utf8'),
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
      });
    });

    it('is refused when it is missing, holds a key, or holds no certificate', () => {
      expect(messages('none.pem')).toEqual(['the file does not exist']);
      expect(messages('key.pem')).toEqual(['the file holds a private key; it must hold certificates only']);
      expect(messages('text.pem')).toEqual(['the file holds no PEM certificate']);
      expect(messages('broken.pem')).toEqual(['the file holds a certificate that cannot be read']);
    });
  });
});

describe('addresses', () => {
  const base = 'url: https://a.example\ncredential: api\nplace: bearer\naddresses:';

  it('are CIDRs', () => {
    expect(serviceErrors(`${base} [10.0.0.0/8, 192.168.1.7/32, "fd00::/8", "fd00::1/128"]`)).toEqual([]);
  });

  it.each([
    '10.0.0.1',
    '10.0.0.1/8',
    '010.0.0.0/8',
    '10.0.0/24',
    '10.0.0.0/33',
    '0.0.0.0/0',
    'fd00::1/8',
    '::/0',
    'x/8',
    '1.2.3.4/08',
  ])('refuse %s', (cidr) => {
    expect(serviceErrors(`${base} ["${cidr}"]`)).toHaveLength(1);
  });
});

describe('the credential of a service', () => {
  it('must be declared, or said to be none', () => {
    expect(serviceErrors('url: https://a.example')).toEqual(['`credential` is missing; it is required here']);
    expect(serviceErrors('url: https://a.example\ncredential: none')).toEqual([]);
    expect(serviceErrors('url: https://a.example\ncredential: none\nplace: bearer')).toEqual([
      'a service with `credential: none` has no `place`; remove it',
    ]);
  });

  it('must say where it goes', () => {
    expect(serviceErrors('url: https://a.example\ncredential: api')).toEqual([
      '`place` is missing; say where the credential goes, such as `place: bearer`',
    ]);
  });

  it.each([
    ['bearer', { kind: 'bearer' }],
    ['{ header: X-Api-Key }', { kind: 'header', name: 'x-api-key', prefix: '' }],
    ['{ header: Authorization, prefix: "token " }', { kind: 'header', name: 'authorization', prefix: 'token ' }],
    ['{ query: api_key }', { kind: 'query', name: 'api_key' }],
    ['{ cookie: session }', { kind: 'cookie', name: 'session' }],
  ])('goes to %s', (place, expected) => {
    const config = configOf(httpConfig({ service: `url: https://a.example\ncredential: api\nplace: ${place}` }));
    expect(only(config.services)).toMatchObject({ credential: 'api', place: expected });
  });

  it.each([
    '{ header: Host }',
    '{ header: Content-Length }',
    '{ header: "a b" }',
    '{ header: X, prefix: "é" }',
    '{ query: "a&b" }',
    '{ cookie: "a=b" }',
    '{ cookie: a, query: b }',
    '{ query: a, prefix: b }',
    '{}',
    '[bearer]',
    'basic',
  ])('does not go to %s', (place) => {
    expect(serviceErrors(`url: https://a.example\ncredential: api\nplace: ${place}`)).toHaveLength(1);
  });

  it('I7: belongs to one service only', () => {
    const text = httpConfig({ more: '' }).replace(
      'credentials:',
      '  two: { type: http, url: https://b.example, credential: api, place: bearer }\ncredentials:',
    );
    expect(errorsOf(text)).toEqual([expect.stringContaining('`api` is the credential of `api` already')]);
  });

  it('is not named `none`, which says that there is no credential', () => {
    expect(errorsOf('credentials: { none: { kind: token, max-lifetime: 1d } }')).toHaveLength(1);
  });

  it('must live from a minute to ten years', () => {
    for (const lifetime of ['59s', '3651d', '0d', 'soon', '1y']) {
      expect(errorsOf(httpConfig().replace('90d', lifetime))).toHaveLength(1);
    }
    expect(errorsOf(httpConfig().replace('90d', '3650d'))).toEqual([]);
  });
});

describe('a sqlite service', () => {
  it('has an absolute path, relative to the config', () => {
    expect(only(configOf('services: { db: { type: sqlite, file: ../shop.db } }').services)).toEqual({
      type: 'sqlite',
      id: 'db',
      file: '/srv/shop.db',
    });
  });

  it.each([':memory:', 'file:shop.db?mode=rwc'])('is no %s', (file) => {
    expect(errorsOf(`services: { db: { type: sqlite, file: "${file}" } }`)).toHaveLength(1);
  });
});

describe('listen', () => {
  it('leaves loopback with TLS only', () => {
    expect(errorsOf('listen: { host: 10.0.0.1 }')).toHaveLength(1);
    expect(
      configOf('listen: { host: 10.0.0.1, tls: { cert: a.pem, key: /b.pem }, host-names: [GW.example] }').listen,
    ).toEqual({
      host: '10.0.0.1',
      port: 7420,
      hostNames: ['gw.example'],
      tls: { certFile: '/srv/sallyport/a.pem', keyFile: '/b.pem' },
    });
  });

  it.each(['{ port: 70000 }', '{ host: "127.1" }', '{ host-names: ["a b"] }', '{ tls: { cert: a } }', '[]'])(
    'refuses %s',
    (text) => {
      expect(errorsOf(`listen: ${text}`)).toHaveLength(1);
    },
  );
});
