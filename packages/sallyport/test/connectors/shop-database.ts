// A database for tests of the SQLite connector, fresh for each test, and short ways to declare and run operations on it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach } from 'vitest';
import type {
  Execution,
  ExecutionAccess,
  OperationPlan,
  Prepared,
  ServiceConnection,
} from '../../src/connectors/connector.ts';
import { connectService } from '../../src/connectors/index.ts';
import type { Effect } from '../../src/domain/effect.ts';
import type { JsonObject } from '../../src/domain/json-value.ts';
import type { OperationInput } from '../../src/domain/operation.ts';
import type { ServiceId } from '../../src/domain/service.ts';
import { createNetwork } from '../../src/net/create-network.ts';
import { input, operation, replyAll } from './operation-definition.ts';

/** What a test declares of an operation; by default a read without inputs. */
export interface Declared {
  readonly effect?: Effect;
  readonly input?: Readonly<Record<string, JsonObject>>;
  readonly maxRows?: number;
  readonly maxBytes?: number;
  readonly isSilent?: boolean;
}

/** A connection to the database at a path. */
export function connectTo(path: string): ServiceConnection {
  return connectService({ type: 'sqlite', id: 'shop' as ServiceId, file: path }, { network: createNetwork() });
}

/** Kind and code of an execution. */
export function summary(execution: Execution): string {
  return execution.kind === 'replied' ? 'replied' : `${execution.kind} ${execution.error.code}`;
}

/** Runs a plan with some inputs. */
export function execute(
  planned: OperationPlan,
  values: OperationInput = {},
  access: Partial<ExecutionAccess> = {},
): Promise<Execution> {
  return planned.execute(planned.build(input(values)), {
    credential: null,
    idempotencyKey: null,
    timeoutMs: 5_000,
    signal: new AbortController().signal,
    ...access,
  });
}

/** The database of the test that runs. */
export class ShopDatabase {
  folder = '';
  file = '';
  connection: ServiceConnection = connectTo('');

  constructor() {
    beforeEach(() => {
      this.folder = mkdtempSync(join(tmpdir(), 'sallyport-sqlite-'));
      this.file = join(this.folder, 'shop #1?.db');
      seed(this.file);
      this.connection = connectTo(this.file);
    });
    afterEach(async () => {
      await this.connection.close();
      rmSync(this.folder, { recursive: true });
    });
  }

  prepare(sql: string, declared: Declared = {}): Promise<Prepared> {
    const caps = { maxRows: declared.maxRows ?? 100, maxBytes: declared.maxBytes ?? 10_000, headers: [] };
    return this.connection.prepare(
      operation({
        request: { type: 'sqlite', sql },
        effect: declared.effect ?? 'read',
        input: declared.input ?? {},
        reply: declared.isSilent === true ? { ...caps, kind: 'none' } : { ...replyAll, ...caps, kind: 'rows' },
      }),
    );
  }

  async plan(sql: string, declared: Declared = {}): Promise<OperationPlan> {
    const prepared = await this.prepare(sql, declared);
    if (!prepared.ok) throw new Error(JSON.stringify(prepared.problems));
    return prepared.plan;
  }

  async problems(sql: string, declared: Declared = {}): Promise<readonly string[]> {
    const prepared = await this.prepare(sql, declared);
    return prepared.problems.map(({ severity, message }) => `${severity}: ${message}`);
  }

  /** JSON of the rows, or of how it ended otherwise. */
  async rowsOf(sql: string, values: OperationInput = {}, declared: Declared = {}): Promise<string> {
    const names = Object.fromEntries(Object.keys(values).map((name) => [name, {}]));
    const execution = await execute(await this.plan(sql, { input: names, ...declared }), values);
    const isRows = execution.kind === 'replied' && execution.body.kind === 'rows';
    return JSON.stringify(isRows ? execution.body.rows : execution);
  }

  /** What another connection sees. */
  stored(sql: string): unknown {
    const db = new DatabaseSync(this.file, { readOnly: true });
    try {
      return db.prepare(sql).all();
    } finally {
      db.close();
    }
  }
}

function seed(path: string): void {
  const db = new DatabaseSync(path);
  db.exec(`
    create table item (id integer primary key, name text not null, price real, big integer, data blob);
    insert into item values (1, 'anvil', 9.5, 9007199254740993, x'00ff'), (2, 'rope', 2, 9007199254740991, null);
    create table part (id integer primary key, item integer references item(id) deferrable initially deferred);
    create table log (what text);
    create table short (name text check (length(name) < 10));
    create trigger logged after update on item begin insert into log values ('updated ' || new.id); end;
    create virtual table note using fts5(title, body);
    insert into note values ('a', 'hello world'), ('b', 'goodbye');
    create view cheap as select id, name from item where price < 5;
  `);
  db.close();
}
