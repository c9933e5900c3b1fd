// Tests the listening side with raw bytes: what reaches the handler, and what is refused before it.
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SallyportError } from '../../src/domain/errors.ts';
import type { DoorHandler } from '../../src/net/door-request.ts';
import { startListener } from '../../src/net/listen.ts';
import { listenFault } from '../../src/net/listen-fault.ts';
import type { Listener } from '../../src/net/listener.ts';
import { tlsFixture } from './raw-server.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}.pem`, import.meta.url));
let listener: Listener;
let handled: string[];
let refused: string[];

const handler: DoorHandler = (request) => {
  handled.push(`${request.method} ${request.target}`);
  request.answer({ status: 200, contentType: null, body: 'handled', headers: [] });
};

async function start(host = '127.0.0.1', hostNames: readonly string[] = ['sallyport.test']): Promise<Listener> {
  return startListener({
    address: { host, port: 0, hostNames, tls: null },
    handler,
    refused: (error: SallyportError) => refused.push(error.code),
  });
}

beforeEach(async () => {
  handled = [];
  refused = [];
  listener = await start();
});

afterEach(() => listener.close(0));

/** Everything that comes back until the listener ends the connection, or half a second of a kept one. */
function talk(bytes: string | Buffer, port = listener.port): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.setTimeout(300, () => socket.destroy());
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    socket.on('close', () => resolve(text));
    socket.write(bytes);
  });
}

function get(headers: readonly string[], target = '/v1/operations'): string {
  return `GET ${target} HTTP/1.1\r\n${[...headers, 'connection: close'].join('\r\n')}\r\n\r\n`;
}

const host = (): string => `Host: 127.0.0.1:${listener.port}`;

describe('the listener guard', () => {
  it('F1: lets requests through whose Host names the listener', async () => {
    for (const name of ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]', 'sallyport.test']) {
      expect(await talk(get([`Host: ${name}:${listener.port}`]))).toMatch(/^HTTP\/1.1 200 /);
    }
    expect(refused).toEqual([]);
  });

  it('F1: refuses every other Host with REQUEST_HOST', async () => {
    const { port } = listener;
    for (const name of [
      `evil.test:${port}`,
      '127.0.0.1',
      'localhost:1',
      `127.0.0.1.evil.test:${port}`,
      '',
      `localhost.:${port}`,
    ]) {
      expect(await talk(get([`Host: ${name}`]))).toMatch(/^HTTP\/1.1 421 [\s\S]*"code":"REQUEST_HOST"/);
    }
    expect(await talk(get([]))).toMatch(/^HTTP\/1.1 421 /);
    expect(handled).toEqual([]);
    expect(new Set(refused)).toEqual(new Set(['REQUEST_HOST']));
  });

  it('F1: refuses foreign origins and sites with REQUEST_ORIGIN', async () => {
    const headers = [
      'Origin: https://evil.test',
      'Origin: null',
      'Origin: http://localhost:1',
      'Sec-Fetch-Site: cross-site',
      'Sec-Fetch-Site: same-site',
    ];
    for (const header of headers) {
      expect(await talk(get([host(), header]))).toMatch(/^HTTP\/1.1 403 [\s\S]*"code":"REQUEST_ORIGIN"/);
    }
    expect(handled).toEqual([]);
  });

  it('lets a page of its own origin through', async () => {
    const own = `Origin: http://127.0.0.1:${listener.port}`;
    expect(await talk(get([host(), own, 'Sec-Fetch-Site: same-origin']))).toMatch(/^HTTP\/1.1 200 /);
    expect(await talk(get([host(), 'Sec-Fetch-Site: none']))).toMatch(/^HTTP\/1.1 200 /);
  });

  it('D03, F5: refuses absolute-form and other odd targets with REQUEST_MALFORMED', async () => {
    for (const target of [
      `http://127.0.0.1:${listener.port}/v1`,
      '//evil.test/v1',
      '*',
      '/a\\b',
      '/a#b',
      '/a\u0001b',
    ]) {
      expect(await talk(get([host()], target))).toMatch(/^HTTP\/1.1 400 [\s\S]*"code":"REQUEST_MALFORMED"/);
    }
    expect(handled).toEqual([]);
  });

  it('F5, R15: refuses TRACE, CONNECT and upgrades with REQUEST_METHOD', async () => {
    const requests = [
      `TRACE / HTTP/1.1\r\n${host()}\r\n\r\n`,
      `CONNECT 127.0.0.1:${listener.port} HTTP/1.1\r\n${host()}\r\n\r\n`,
      `GET / HTTP/1.1\r\n${host()}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`,
    ];
    for (const request of requests) expect(await talk(request)).toMatch(/^HTTP\/1.1 405 [\s\S]*REQUEST_METHOD/);
    expect(handled).toEqual([]);
  });

  it('F1: judges the origin of an upgrade as well', async () => {
    const upgrade = `GET / HTTP/1.1\r\n${host()}\r\norigin: http://evil.test\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`;
    expect(await talk(upgrade)).toMatch(/^HTTP\/1.1 403 /);
  });

  it('refuses Expect', async () => {
    for (const expectation of ['100-continue', 'something']) {
      const request = `POST / HTTP/1.1\r\n${host()}\r\nexpect: ${expectation}\r\ncontent-length: 2\r\n\r\n`;
      expect(await talk(request)).toMatch(/^HTTP\/1.1 400 [\s\S]*REQUEST_MALFORMED[\s\S]*without that header/);
    }
    expect(handled).toEqual([]);
  });

  it('tells a client that expects to send too much just that', async () => {
    const request = `POST / HTTP/1.1\r\n${host()}\r\nexpect: 100-continue\r\ncontent-length: 1048577\r\n\r\n`;
    expect(await talk(request)).toMatch(/^HTTP\/1.1 413 [\s\S]*REQUEST_TOO_LARGE[\s\S]*send less/);
    expect(handled).toEqual([]);
  });

  it('B8: refuses repeated headers that may occur once', async () => {
    for (const name of ['Host', 'Authorization', 'Content-Type', 'Origin']) {
      const value = name === 'Host' ? `127.0.0.1:${listener.port}` : 'x';
      const text = await talk(get([host(), `${name}: ${value}`, `${name.toLowerCase()}: ${value}`]));
      expect(text).toMatch(/^HTTP\/1.1 400 /);
    }
    expect(handled).toEqual([]);
  });

  it('answers with problem details that are not stored or sniffed', async () => {
    const text = await talk(get(['Host: evil.test']));
    expect(text).toMatch(/content-type: application\/problem\+json/i);
    expect(text).toMatch(/cache-control: no-store/i);
    expect(text).toMatch(/x-content-type-options: nosniff/i);
    expect(text).toMatch(/connection: close/i);
    expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).toEqual({
      type: 'urn:sallyport:problem:REQUEST_HOST',
      title: 'Request host',
      status: 421,
      code: 'REQUEST_HOST',
      detail: expect.stringMatching(/does not name this listener; use the address that `sallyport up` printed/),
    });
  });
});

describe('the parser', () => {
  it.each([
    ['both lengths', 'content-length: 2\r\ntransfer-encoding: chunked\r\n', '0\r\n\r\n'],
    ['two transfer encodings', 'transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n', '0\r\n\r\n'],
    ['a repeated length', 'content-length: 2\r\ncontent-length: 3\r\n', 'ab'],
    ['a folded line', 'x-a: 1\r\n 2\r\n', ''],
    ['a bare LF', 'x-a: 1\nx-b: 2\r\n', ''],
    ['a NUL', 'x-a: a\0b\r\n', ''],
    ['a bare CR', 'x-a: a\rb\r\n', ''],
    ['a space before the colon', 'x-a : 1\r\n', ''],
  ])('P01: refuses %s', async (_what, headers, body) => {
    const text = await talk(`POST / HTTP/1.1\r\n${host()}\r\n${headers}\r\n${body}`);
    expect(text).toMatch(/^HTTP\/1.1 400 [\s\S]*REQUEST_MALFORMED/);
    expect(handled).toEqual([]);
  });

  it('refuses bytes that are no HTTP, such as the preface of HTTP/2', async () => {
    expect(await talk('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
    expect(await talk('nonsense\r\n\r\n')).toMatch(/^HTTP\/1.1 400 [\s\S]*REQUEST_MALFORMED/);
    expect(handled).toEqual([]);
  });

  it('P01: cuts the connection when nonsense follows a request that is still under way', async () => {
    const slow = await startListener({
      address: { host: '127.0.0.1', port: 0, hostNames: [], tls: null },
      handler: () => {},
      refused: () => {},
    });
    const text = await talk(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${slow.port}\r\n\r\nnonsense\r\n\r\n`, slow.port);
    await slow.close(0);
    expect(text).toBe('');
  });

  it('V01: refuses huge headers with 431', async () => {
    expect(await talk(get([host(), `x-big: ${'x'.repeat(20_000)}`]))).toMatch(
      /^HTTP\/1.1 431 [\s\S]*REQUEST_TOO_LARGE/,
    );
  });
});

describe('the limits', () => {
  const address = { host: '127.0.0.1', port: 0, hostNames: [], tls: null };

  it('V01: answer headers and bodies that drip in with 408', async () => {
    const limits = { headersTimeoutMs: 60, requestTimeoutMs: 60, checkEveryMs: 20 };
    const strict = await startListener(
      { address, handler: () => {}, refused: (error) => refused.push(error.code) },
      limits,
    );
    const head = `POST / HTTP/1.1\r\nHost: 127.0.0.1:${strict.port}\r\n`;
    expect(await talk(head, strict.port)).toMatch(/^HTTP\/1.1 408 [\s\S]*REQUEST_TIMEOUT/);
    expect(await talk(`${head}content-length: 5\r\n\r\nab`, strict.port)).toMatch(/^HTTP\/1.1 408 /);
    await strict.close(0);
    expect(refused).toEqual(['REQUEST_TIMEOUT', 'REQUEST_TIMEOUT']);
  });

  it('V01: close connections beyond the greatest number', async () => {
    const strict = await startListener({ address, handler, refused: () => {} }, { maxConnections: 1 });
    const request = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${strict.port}\r\n\r\n`;
    const first = talk(request, strict.port);
    const answers = await Promise.all([first, talk(request, strict.port)]);
    await strict.close(0);
    expect(answers.filter((text) => text.startsWith('HTTP/1.1 200'))).toHaveLength(1);
    expect(answers).toContain('');
  });
});

describe('startListener', () => {
  it('refuses another address than loopback without TLS with CONFIG_INVALID', async () => {
    for (const address of ['0.0.0.0', '::', '192.0.2.1', 'example.test']) {
      await expect(start(address)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    }
  });

  it('refuses an address in use with CONFIG_INVALID, names it, and says what to do', async () => {
    const address = { host: '127.0.0.1', port: listener.port, hostNames: [], tls: null };
    for (const section of ['listen', 'metrics'] as const) {
      await expect(startListener({ address, section, handler, refused: () => {} })).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(
          new RegExp(
            `^127\\.0\\.0\\.1:${listener.port} is in use: .*another port under \`${section}:\`.*sallyport status`,
          ),
        ),
      });
    }
  });

  it('refuses an address that the machine does not have, and names it', async () => {
    const tls = { certFile: fixture('good'), keyFile: fixture('good-key') };
    const address = { host: '192.0.2.1', port: 7420, hostNames: [], tls };
    await expect(startListener({ address, handler, refused: () => {} })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('does not have the address of 192.0.2.1:7420'),
    });
  });

  it('says of a port that needs root which ports do not', () => {
    const denied = Object.assign(new Error('listen EACCES'), { code: 'EACCES' });
    const said = listenFault(denied, { host: '::1', port: 80, section: 'listen' });
    expect(said).toBe(
      'this user may not listen on [::1]:80: set a port of 1024 or above under `listen:` in the config',
    );
  });

  it('serves TLS, and no older version than 1.2', async () => {
    const tls = { certFile: fixture('good'), keyFile: fixture('good-key') };
    const address = { host: '127.0.0.1', port: 0, hostNames: ['service.test'], tls };
    const secure = await startListener({ address, handler, refused: () => {} });
    const options = { port: secure.port, host: '127.0.0.1', servername: 'service.test', ca: tlsFixture('ca') };
    const text = await new Promise<string>((resolve) => {
      const socket = connectTls(options, () => socket.write(get([`Host: service.test:${secure.port}`])));
      socket.once('data', (chunk: Buffer) => {
        socket.destroy();
        resolve(chunk.toString());
      });
    });
    const failure = await new Promise<unknown>((resolve) => {
      connectTls({ ...options, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' }, () =>
        resolve('connected'),
      ).on('error', resolve);
    });
    await secure.close(0);
    expect(text).toMatch(/^HTTP\/1.1 200 /);
    expect(failure).toBeInstanceOf(Error);
  });

  it('refuses a certificate that cannot be read with CONFIG_INVALID', async () => {
    const address = {
      host: '127.0.0.1',
      port: 0,
      hostNames: [],
      tls: { certFile: '/nonexistent', keyFile: '/nonexistent' },
    };
    await expect(startListener({ address, handler, refused: () => {} })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });

  it('lets a request in flight end, and cuts it when its grace is over', async () => {
    let started: () => void = () => {};
    const isStarted = new Promise<void>((resolve) => {
      started = resolve;
    });
    const slow = await startListener({
      address: { host: '127.0.0.1', port: 0, hostNames: [], tls: null },
      handler: () => started(),
      refused: () => {},
    });
    const answer = talk(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${slow.port}\r\n\r\n`, slow.port);
    await isStarted;
    await slow.close(20);
    expect(await answer).toBe('');
  });
});
