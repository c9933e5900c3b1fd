// Compiles a whole config into the catalogue that calls run on; everything that is wrong is reported at once.
import type { ConnectorContext, ServiceConnection } from '../connectors/connector.ts';
import { connectService } from '../connectors/index.ts';
import type { Config } from '../domain/config.ts';
import type { DeclaredCredential } from '../domain/credential.ts';
import { credentialOf } from '../domain/credential.ts';
import { declaredCredentials } from '../domain/declared-credentials.ts';
import type { OperationDefinition, OperationId } from '../domain/operation.ts';
import type { Problem } from '../domain/problem.ts';
import type { Service, ServiceId } from '../domain/service.ts';
import { compileViews } from './agent-view.ts';
import type { Catalogue, CompiledOperation } from './catalogue.ts';
import { compileOperation, type OperationOutcome } from './compile-operation.ts';
import { type CompiledInputs, createSchemaCompilers, type SchemaCompilers } from './input-schema.ts';
import { toolNameProblems } from './tool-name.ts';

/** What a catalogue is compiled with. */
export interface CatalogueContext extends ConnectorContext {
  /** Connects a service; the connectors of `connectors/index.ts` when left out. */
  readonly connect?: typeof connectService;
}

/** The catalogue with its warnings, or every problem; after a failure nothing is left open. */
export type CatalogueOutcome =
  | { readonly ok: true; readonly catalogue: Catalogue; readonly problems: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Compiles the config. Never throws for what the config says: that is a problem with its path. */
export async function compileCatalogue(config: Config, context: CatalogueContext): Promise<CatalogueOutcome> {
  const connections = new Connections(context);
  const problems: Problem[] = [...toolNameProblems(config.operations.keys()), ...serviceWarnings(config)];
  const operations = new Map<OperationId, CompiledOperation>();
  const inputs = new Map<OperationId, CompiledInputs>();
  problems.push(...(await checkServices(config, connections)));
  for (const outcome of await compileOperations(config, connections)) {
    problems.push(...outcome.problems);
    if (!outcome.ok) continue;
    operations.set(outcome.operation.id, outcome.operation);
    if (outcome.inputs !== null) inputs.set(outcome.operation.id, outcome.inputs);
  }
  const views = compileViews(config, operations, inputs);
  problems.push(...views.problems);
  if (problems.some(({ severity }) => severity === 'error')) {
    await connections.close();
    return { ok: false, problems };
  }
  const close = (): Promise<void> => connections.close();
  return { ok: true, catalogue: Object.freeze({ config, operations, views: views.views, close }), problems };
}

/** Ends the connections of a catalogue that was replaced or is no longer needed. */
export function closeCatalogue(catalogue: Catalogue): Promise<void> {
  return catalogue.close();
}

class Connections {
  readonly #context: CatalogueContext;
  readonly #open = new Map<ServiceId, ServiceConnection>();
  #closing: Promise<void> | undefined;

  constructor(context: CatalogueContext) {
    this.#context = context;
  }

  of(service: Service): ServiceConnection {
    const open = this.#open.get(service.id);
    if (open !== undefined) return open;
    const { network, connect = connectService } = this.#context;
    const connection = connect(service, { network });
    this.#open.set(service.id, connection);
    return connection;
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all([...this.#open.values()].map((connection) => connection.close())).then(
      () => undefined,
    );
    return this.#closing;
  }
}

/** What is wrong with the services that operations use. */
async function checkServices(config: Config, connections: Connections): Promise<readonly Problem[]> {
  const used = new Set([...config.operations.values()].map(({ service }) => service));
  const problems: Problem[] = [];
  for (const service of config.services.values()) {
    if (!used.has(service.id)) continue;
    const found = await connections.of(service).check();
    problems.push(...found.map((each) => ({ ...each, path: ['services', service.id, ...each.path] })));
  }
  return problems;
}

async function compileOperations(config: Config, connections: Connections): Promise<readonly OperationOutcome[]> {
  const compilers = createSchemaCompilers();
  const credentials = declaredCredentials(config);
  const outcomes: OperationOutcome[] = [];
  const ids = [...config.operations.keys()].sort();
  for (const id of ids) {
    const definition = config.operations.get(id);
    if (definition === undefined) continue;
    outcomes.push(await compileOne(definition, { config, connections, credentials, compilers }));
  }
  return outcomes;
}

interface Surroundings {
  readonly config: Config;
  readonly connections: Connections;
  readonly credentials: ReturnType<typeof declaredCredentials>;
  readonly compilers: SchemaCompilers;
}

async function compileOne(definition: OperationDefinition, around: Surroundings): Promise<OperationOutcome> {
  const service = around.config.services.get(definition.service);
  if (service === undefined) return refused(definition, 'this service is not declared');
  const credential = declaredFor(service, around);
  // Without this a call would go out with no credential where one is declared.
  if (credential === undefined)
    return refused(definition, 'the credential of this service is not declared, or has no place');
  const connection = around.connections.of(service);
  const { compilers, config } = around;
  return compileOperation({ definition, service, credential, connection, compilers, isProven: config.isProven });
}

function declaredFor(service: Service, around: Surroundings): DeclaredCredential | null | undefined {
  const id = credentialOf(service);
  return id === null ? null : around.credentials.get(id);
}

function refused({ id }: OperationDefinition, message: string): OperationOutcome {
  return { ok: false, problems: [{ severity: 'error', path: ['operations', id, 'service'], message }] };
}

function serviceWarnings(config: Config): readonly Problem[] {
  return [...config.services.values()].flatMap((service) => {
    if (service.type === 'sqlite' || service.trust.kind !== 'loopback') return [];
    const message = 'trust: loopback sends the credential without TLS to whatever listens on that port of this machine';
    return [{ severity: 'warning', path: ['services', service.id, 'trust'], message } as const];
  });
}
