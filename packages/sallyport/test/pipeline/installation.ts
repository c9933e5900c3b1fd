// A whole pipeline over a real config, catalogue, policy and scrubber; its service is a connector that the test scripts.
import { randomBytes } from 'node:crypto';
import { compileCatalogue } from '../../src/catalogue/compile-catalogue.ts';
import { parseConfig } from '../../src/config/load-config.ts';
import type { Execution, ExecutionAccess, ServiceConnection } from '../../src/connectors/connector.ts';
import type { CallRequest } from '../../src/domain/call.ts';
import type { Config } from '../../src/domain/config.ts';
import { SallyportError } from '../../src/domain/errors.ts';
import type { JsonValue } from '../../src/domain/json-value.ts';
import type { OperationInput } from '../../src/domain/operation.ts';
import type { CallOutcome } from '../../src/domain/reply.ts';
import { createPipeline } from '../../src/pipeline/create-pipeline.ts';
import { createScrubber } from '../../src/pipeline/create-scrubber.ts';
import type { LoadLimits } from '../../src/pipeline/load.ts';
import type { OperatorReport, Pipeline, PipelineDependencies } from '../../src/pipeline/pipeline.ts';
import { sourceAt } from '../config/config-text.ts';
import { type Events, memoryAgents, memoryJournal, memoryVault } from './memory-parts.ts';
import { randomValue, registered } from './scrub/values.ts';

const configText = `
services:
  api: { type: http, url: https://api.example.com, credential: api, place: bearer }
credentials:
  api: { kind: token, max-lifetime: 90d }
operations:
  items.get:
    service: api
    effect: read
    description: One item.
    input: { id: { type: integer, minimum: 1 } }
    http: { method: GET, path: '/items/{id}' }
    reply: [/id, /name, '/tags/*/label']
  items.all:
    service: api
    effect: read
    description: Everything.
    input: { id: { type: integer, minimum: 1 } }
    http: { method: GET, path: '/all/{id}' }
    reply: all
  items.put:
    service: api
    effect: write
    description: Changes an item.
    input: { id: { type: integer, minimum: 1 }, note: { type: string, maxLength: 50 } }
    http: { method: PUT, path: '/items/{id}', body: { note: $note } }
    reply: [/id]
  items.delete:
    service: api
    effect: destroy
    description: Deletes an item.
    input: { id: { type: integer, minimum: 1 } }
    http: { method: DELETE, path: '/items/{id}' }
    reply: none
agents:
  bot:
    token: { max-lifetime: 30d }
    session: { max-lifetime: 1h }
    may:
      - items.get: { where: { id: { maximum: 99 } } }
      - items.all: { rate: 2/h }
      - items.put
  slow-bot:
    token: { max-lifetime: 30d }
    session: { max-lifetime: 1h }
    may:
      - items.get
      - items.put: { approval: required }
`;

/** The credential's value in every installation. */
export const secretValue = `sk_live_${randomValue('installation', 32)}`;

/** What the service does with a request. */
type Behaviour = (input: OperationInput, access: ExecutionAccess) => Execution | Promise<Execution>;

export interface Installation {
  readonly pipeline: Pipeline;
  readonly journal: ReturnType<typeof memoryJournal>;
  readonly vault: ReturnType<typeof memoryVault>;
  readonly agents: ReturnType<typeof memoryAgents>;
  readonly events: Events;
  readonly reports: Parameters<OperatorReport['refusal']>[0][];
  readonly atDoor: string[];
  readonly sent: { readonly input: OperationInput; readonly access: ExecutionAccess }[];
  readonly clock: { now: number };
  service: Behaviour;
  call(operation: string, input: JsonValue, options?: Partial<CallRequest>): Promise<CallOutcome>;
}

/** An execution that answered with JSON. */
export function replied(value: JsonValue, headers: readonly (readonly [string, string])[] = []): Execution {
  return { kind: 'replied', status: 200, headers, body: { kind: 'json', value }, bytes: 0, isTruncated: false };
}

/** Ports that are to be the real ones. */
export type Ports = Partial<Pick<PipelineDependencies, 'journal' | 'agents' | 'approvals'>>;

/** The config of every installation. */
export function installedConfig(change: (text: string) => string = (text) => text): Config {
  const loaded = parseConfig(change(configText), sourceAt('/nowhere/sallyport.yaml'));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

/** Puts the parts together; what `ports` does not give is kept in memory. */
export async function install(
  limits?: LoadLimits,
  ports: Ports = {},
  config: Config = installedConfig(),
): Promise<Installation> {
  const events: Events = [];
  const built = new WeakMap<object, OperationInput>();
  const connection: ServiceConnection = {
    check: () => Promise.resolve([]),
    prepare: (operation) =>
      Promise.resolve({
        ok: true,
        problems: [],
        plan: {
          describe: `${operation.id} template`,
          build: (input) => {
            events.push('build');
            if (input['note'] === 'unsafe') throw new SallyportError('INPUT_UNSAFE', 'this cannot stand in a path');
            const request = { bytes: 1, preview: () => [] };
            built.set(request, input);
            return request;
          },
          execute: async (request, access) => {
            events.push('execute');
            const input = built.get(request) ?? {};
            installation.sent.push({ input, access });
            return await installation.service(input, access);
          },
        },
      }),
    close: () => Promise.resolve(),
  };
  const network = {
    httpPool: () => {
      throw new Error('no network here');
    },
    dialPostgres: () => Promise.reject(new Error('no network here')),
    refuseOwnListener: () => undefined,
  };
  const compiled = await compileCatalogue(config, { network, connect: () => connection });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  const scrubber = createScrubber(registered(secretValue));
  const [journal, vault, agents] = [memoryJournal(events), memoryVault(events, secretValue), memoryAgents(events)];
  const reports: Installation['reports'] = [];
  const atDoor: string[] = [];
  const clock = { now: 1_800_000_000_000 };
  const pipeline = createPipeline(
    {
      snapshot: () => ({
        catalogue: compiled.catalogue,
        credentials: new Map(vault.version === undefined ? [] : [[vault.version.credential, vault.version]]),
        scrubber: {
          scrub: (text) => {
            events.push('scrub');
            return scrubber.scrub(text);
          },
          scrubJson: (text) => {
            events.push('scrub');
            return scrubber.scrubJson(text);
          },
        },
      }),
      agents,
      vault,
      journal,
      audit: { record: () => Promise.reject(new Error('not used by calls')) },
      approvals: null,
      clock: { nowMs: () => clock.now, monotonicMs: () => clock.now },
      random: { bytes: (count) => randomBytes(count) },
      report: { refusal: (facts) => reports.push(facts) },
      doorCounter: { count: (code) => atDoor.push(code) },
      ...ports,
    },
    limits,
  );
  const installation: Installation = {
    pipeline,
    journal,
    vault,
    agents,
    events,
    reports,
    atDoor,
    clock,
    sent: [],
    service: () => replied({ id: 1 }),
    call: (operation, input, options) =>
      pipeline.call({
        door: 'tools-api',
        token: 'token-of-bot',
        name: { operation },
        input,
        idempotencyKey: undefined,
        signal: new AbortController().signal,
        ...options,
      }),
  };
  return installation;
}

/** The refusal of an outcome that must be one. */
export function refusalIn(outcome: CallOutcome): Extract<CallOutcome, { readonly ok: false }>['refusal'] {
  if (outcome.ok) throw new Error('the call went through');
  return outcome.refusal;
}

/** The reply of an outcome that must be one, parsed. */
export function replyIn(outcome: CallOutcome): unknown {
  if (!outcome.ok) throw new Error(`refused: ${outcome.refusal.code}`);
  return JSON.parse(outcome.reply.json);
}
