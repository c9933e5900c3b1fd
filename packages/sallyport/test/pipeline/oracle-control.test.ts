// Contract: an oracle of its own finds no piece of a brokered value in anything that leaves the pipeline; and it does find it when
// scrubbing or placing is broken on purpose, so that its silence means something.
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { leaks, type PlantedSecret } from '../../../../test/oracle.ts';
import { type OpenState, openState } from '../../src/app/open-state.ts';
import { clock, random } from '../../src/app/system.ts';
import { compileCatalogue } from '../../src/catalogue/compile-catalogue.ts';
import { parseConfig } from '../../src/config/load-config.ts';
import type { ServiceConnection } from '../../src/connectors/connector.ts';
import { connectService } from '../../src/connectors/index.ts';
import { declaredCredentials } from '../../src/domain/declared-credentials.ts';
import { Secret } from '../../src/domain/secret.ts';
import { statePaths } from '../../src/launch/state-paths.ts';
import { createLogger } from '../../src/log/logger.ts';
import { createNetwork } from '../../src/net/create-network.ts';
import { createPipeline } from '../../src/pipeline/create-pipeline.ts';
import { createScrubber } from '../../src/pipeline/create-scrubber.ts';
import type { Scrubber } from '../../src/pipeline/scrubber.ts';
import { matchTablePermit } from '../../src/vault/permit.ts';

const value = `acme_${randomBytes(30).toString('base64url')}`;
const secret: PlantedSecret = { name: 'key', value, unguessableFrom: 'acme_'.length };
const sendsAnything: Scrubber = { scrub: (text) => ({ text, redactions: 0 }) };

let folder: string;
let service: Server;
let port: number;
let parts: AsyncDisposableStack;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-oracle-'));
  parts = new AsyncDisposableStack();
  service = createServer((request, response) => {
    const authorization = request.headers.authorization ?? '';
    const body = JSON.stringify({
      headers: request.headers,
      nested: { [authorization]: [authorization.split('').join(''), Buffer.from(authorization).toString('base64')] },
      hex: Buffer.from(authorization).toString('hex'),
    });
    const status = request.url === '/fails' ? 500 : 200;
    response.writeHead(status, { 'content-type': 'application/json', 'x-echo': authorization }).end(body);
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const address = service.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});

afterEach(async () => {
  await parts.disposeAsync();
  service.close();
  rmSync(folder, { recursive: true, force: true });
});

const configText = (toPort: number) => `
services:
  echo: { type: http, url: 'http://127.0.0.1:${toPort}', trust: loopback, credential: echo, place: bearer }
credentials:
  echo: { kind: token, max-lifetime: 1d }
operations:
  echo.all:
    service: echo
    effect: read
    description: Everything.
    http: { method: GET, path: /echo }
    reply: all
  echo.headers:
    service: echo
    effect: read
    description: One field, and a header.
    http: { method: GET, path: /echo }
    reply: { fields: [/headers/authorization], headers: [x-echo] }
  echo.fails:
    service: echo
    effect: write
    description: Fails.
    http: { method: POST, path: /fails }
    reply: all
agents:
  bot: { token: { max-lifetime: 1d }, session: { max-lifetime: 1h }, may: ['echo.*'] }
`;

interface Broken {
  readonly scrubber?: Scrubber;
  readonly connection?: (connection: ServiceConnection) => ServiceConnection;
}

/** Runs every operation at once over the real parts, and gives everything that an agent, a log or a disk got to see. */
async function everythingSeen(broken: Broken = {}): Promise<Buffer> {
  const { state, token } = await openInstallation();
  const lines: string[] = [];
  const entry = { kind: 'vault.match-tables', at: clock.nowMs(), subject: 'vault', facts: {} } as const;
  const { secrets } = state.vault.openForMatching(matchTablePermit(await state.audit.record(entry)));
  const scrubber = broken.scrubber ?? createScrubber(secrets);
  const report = createLogger({ write: (line) => lines.push(line) }, (line) => scrubber.scrub(line).text);
  const compiled = await compileCatalogue(state.config, {
    network: createNetwork(),
    connect: (each, context) => (broken.connection ?? ((same) => same))(connectService(each, context)),
  });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  parts.defer(() => compiled.catalogue.close());
  const credentials = new Map(state.vault.list().map((each) => [each.credential, each]));
  const snapshot = () => ({ catalogue: compiled.catalogue, scrubber, credentials });
  const pipeline = createPipeline({ ...state, snapshot, clock, random, report, doorCounter: { count: () => {} } });
  const outcomes = [];
  for (const operation of ['echo.all', 'echo.headers', 'echo.fails', 'echo.none']) {
    const call = { door: 'mcp', token, name: { operation }, input: {}, idempotencyKey: `k-${operation}` } as const;
    outcomes.push(await pipeline.call({ ...call, signal: new AbortController().signal }));
  }
  const agentSide = JSON.stringify([outcomes, pipeline.list(token)]);
  const files = readdirSync(join(folder, 'state')).map((name) => readFileSync(join(folder, 'state', name)));
  return Buffer.concat([Buffer.from(agentSide), Buffer.from(lines.join('')), ...files]);
}

async function openInstallation(): Promise<{ readonly state: OpenState; readonly token: string }> {
  const loaded = parseConfig(configText(port), join(folder, 'sallyport.yaml'));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  mkdirSync(join(folder, 'keys'), { mode: 0o700 });
  const paths = statePaths({
    environment: {},
    homeFolder: folder,
    state: join(folder, 'state'),
    keyFile: join(folder, 'keys', 'key'),
  });
  const options = { configFile: '/nowhere/sallyport.yaml', paths, wantsKeyFile: true, person: null, note: () => {} };
  const state = await openState(options, loaded.config, parts);
  const [declared] = declaredCredentials(loaded.config).values();
  const [agent] = loaded.config.agents.values();
  if (declared === undefined || agent === undefined) throw new Error('the config declares nothing');
  await state.vault.add(declared, { token: { secret: true, value: new Secret(value) } }, { acceptWeak: false });
  return { state, token: (await state.agents.addToken(agent)).reveal() };
}

/** A connector that hands the credential to the agent in a form that no scrubber is asked to know. */
function placesItInTheReply(connection: ServiceConnection): ServiceConnection {
  return {
    close: () => connection.close(),
    prepare: async (operation) => {
      const prepared = await connection.prepare(operation);
      if (!prepared.ok) return prepared;
      const execute: typeof prepared.plan.execute = async (_, { credential }) => {
        const token = credential?.['token'];
        const text = token?.secret === true ? token.value.reveal() : '';
        const codes = [...Buffer.from(text)];
        const reply = { status: 200, headers: [], bytes: 0, isTruncated: false } as const;
        return { kind: 'replied', ...reply, body: { kind: 'json', value: { codes } } };
      };
      return { ...prepared, plan: { ...prepared.plan, build: (input) => prepared.plan.build(input), execute } };
    },
  };
}

describe('the oracle', () => {
  it('E8, L01: finds no window of 48 bits in replies, lists, errors, logs, audit or the files of the state', async () => {
    const seen = await everythingSeen();
    expect(seen.toString('latin1')).toContain('[redacted]');
    expect(leaks(seen, [secret])).toEqual([]);
  });

  it('fires when nothing is scrubbed', async () => {
    const [leak] = leaks(await everythingSeen({ scrubber: sendsAnything }), [secret]);
    expect(leak?.characters).toBe(value.length - secret.unguessableFrom);
  });

  it('fires when the credential is placed where it comes back in another form', async () => {
    const [leak] = leaks(await everythingSeen({ connection: placesItInTheReply }), [secret]);
    expect(leak?.characters).toBe(value.length - secret.unguessableFrom);
  });
});
