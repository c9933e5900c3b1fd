// A whole pipeline over real parts, whose credential is planted: it gives everything that an agent, a log or a disk got to see.
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { PlantedSecret } from '../../../../test/oracle.ts';
import { type OpenState, openState } from '../../src/app/open-state.ts';
import { clock, random } from '../../src/app/system.ts';
import { compileCatalogue } from '../../src/catalogue/compile-catalogue.ts';
import { parseConfig } from '../../src/config/load-config.ts';
import type { ServiceConnection } from '../../src/connectors/connector.ts';
import { connectService } from '../../src/connectors/index.ts';
import { declaredCredentials } from '../../src/domain/declared-credentials.ts';
import { Secret, type SecretFields } from '../../src/domain/secret.ts';
import { statePaths } from '../../src/launch/state-paths.ts';
import { createLogger } from '../../src/log/logger.ts';
import { createNetwork } from '../../src/net/create-network.ts';
import { createPipeline } from '../../src/pipeline/create-pipeline.ts';
import { createScrubber } from '../../src/pipeline/create-scrubber.ts';
import type { Scrubber } from '../../src/pipeline/scrubber.ts';
import { matchTablePermit } from '../../src/vault/permit.ts';
import { sourceAt } from '../config/config-text.ts';

const prefix = 'acme_';
const half = (): string => randomBytes(15).toString('base64');
// With characters that a URL and a form encode.
const value = `${prefix}${half()}+/${half()}`;

/** The credential of every site. */
export const planted: PlantedSecret = { name: 'key', value, unguessableFrom: prefix.length };

/** Characters of it that nobody can guess. */
export const unguessable = value.length - prefix.length;

/** One way to place a credential: its kind, its place as the config says it, and its fields. */
export interface Placed {
  readonly kind: 'token' | 'username-password';
  readonly place: string;
}

/** What is broken on purpose. */
export interface Broken {
  readonly scrubber?: Scrubber;
  readonly connection?: (connection: ServiceConnection) => ServiceConnection;
}

/** Scrubs nothing. */
export const scrubsNothing: Scrubber = {
  scrub: (text) => ({ text, redactions: 0 }),
  scrubJson: (text) => ({ text, redactions: 0 }),
};

/** The service's part of the config: `url` and whatever belongs to it. */
export type ServiceText = string;

/** Starts a service that says back everything that it was sent, in many forms; it refuses at `/fails`. */
export async function startEcho(): Promise<ServiceText> {
  const service = createServer((request, response) => {
    const shown = shownBy(request);
    const status = request.url?.startsWith('/fails') === true ? 500 : 200;
    response.writeHead(status, { 'content-type': 'application/json', 'x-echo': shown }).end(
      JSON.stringify({
        shown,
        headers: request.headers,
        nested: { [shown]: [shown, Buffer.from(shown).toString('base64'), encodeURIComponent(shown)] },
        hex: Buffer.from(shown).toString('hex'),
      }),
    );
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    service.close();
    service.closeAllConnections();
  });
  const address = service.address();
  return onLoopback(typeof address === 'object' && address !== null ? address.port : 0);
}

/** A service on a port of loopback, without TLS. */
export function onLoopback(port: number): ServiceText {
  return `url: 'http://127.0.0.1:${port}', trust: loopback`;
}

// Where a credential may stand, and what is behind Basic.
function shownBy({ url, headers }: IncomingMessage): string {
  const { authorization = '', cookie = '', 'x-api-key': key = '' } = headers;
  const basic = /^Basic (.+)$/.exec(authorization)?.[1] ?? '';
  return [url, authorization, cookie, String(key), Buffer.from(basic, 'base64').toString()].join(' ');
}

/** Runs every operation once, and gives all that came out of it: outcomes, lists, log lines and the files of the state. */
export async function everythingSeen(service: ServiceText, placed: Placed, broken: Broken = {}): Promise<Buffer> {
  const { folder, state, token, parts } = await openInstallation(service, placed);
  const lines: string[] = [];
  const entry = { kind: 'vault.match-tables', at: clock.nowMs(), subject: 'vault', facts: {} } as const;
  const { secrets } = state.vault.openForMatching(matchTablePermit(await state.audit.record(entry)));
  const scrubber = broken.scrubber ?? createScrubber(secrets);
  const report = createLogger({ write: (line) => lines.push(line) }, (line) => scrubber.scrub(line).text);
  const compiled = await compileCatalogue(state.config, {
    network: createNetwork({ resolve: () => Promise.resolve(['127.0.0.1']) }),
    connect: (each, context) => (broken.connection ?? ((same) => same))(connectService(each, context)),
  });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  parts.defer(() => compiled.catalogue.close());
  const credentials = new Map(state.vault.list().map((each) => [each.credential, each]));
  const snapshot = () => ({ catalogue: compiled.catalogue, scrubber, credentials });
  const pipeline = createPipeline({ ...state, snapshot, clock, random, report, doorCounter: { count: () => {} } });
  const outcomes = [];
  for (const operation of ['echo.all', 'echo.field', 'echo.fails', 'echo.none']) {
    const call = { door: 'mcp', token, name: { operation }, input: {}, idempotencyKey: `k-${operation}` } as const;
    outcomes.push(await pipeline.call({ ...call, signal: new AbortController().signal }));
  }
  const agentSide = JSON.stringify([outcomes, pipeline.list(token)]);
  const files = readdirSync(join(folder, 'state')).map((name) => readFileSync(join(folder, 'state', name)));
  await parts.disposeAsync();
  return Buffer.concat([Buffer.from(agentSide), Buffer.from(lines.join('')), ...files]);
}

const configText = (service: ServiceText, { kind, place }: Placed): string => `
services:
  echo: { type: http, ${service}, credential: echo, place: ${place} }
credentials:
  echo: { kind: ${kind}, max-lifetime: 1d }
operations:
  echo.all:
    service: echo
    effect: read
    description: Everything.
    http: { method: GET, path: /echo }
    reply: all
  echo.field:
    service: echo
    effect: read
    description: One field, and a header.
    http: { method: GET, path: /echo }
    reply: { fields: [/shown], headers: [x-echo] }
  echo.fails:
    service: echo
    effect: write
    description: Fails.
    http: { method: POST, path: /fails }
    reply: all
agents:
  bot: { token: { max-lifetime: 1d }, session: { max-lifetime: 1h }, may: ['echo.*'] }
`;

interface Installed {
  readonly folder: string;
  readonly state: OpenState;
  readonly token: string;
  readonly parts: AsyncDisposableStack;
}

async function openInstallation(service: ServiceText, placed: Placed): Promise<Installed> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-oracle-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const parts = new AsyncDisposableStack();
  const loaded = parseConfig(configText(service, placed), sourceAt(join(folder, 'sallyport.yaml')));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  mkdirSync(join(folder, 'keys'), { mode: 0o700 });
  const places = { state: join(folder, 'state'), keyFile: join(folder, 'keys', 'key') };
  const paths = statePaths({ environment: {}, homeFolder: folder, ...places });
  const options = { configFile: '/nowhere/sallyport.yaml', paths, wantsKeyFile: true, person: null, note: () => {} };
  const state = await openState(options, loaded.config, parts);
  const [declared] = declaredCredentials(loaded.config).values();
  const [agent] = loaded.config.agents.values();
  if (declared === undefined || agent === undefined) throw new Error('the config declares nothing');
  await state.vault.add(declared, fieldsOf(placed), { acceptWeak: false });
  return { folder, state, token: (await state.agents.addToken(agent)).reveal(), parts };
}

function fieldsOf({ kind }: Placed): SecretFields {
  const secret = { secret: true, value: new Secret(value) } as const;
  if (kind === 'token') return { token: secret };
  return { username: { secret: false, value: 'bot' }, password: secret };
}
