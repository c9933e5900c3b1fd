// Decides what a statement may touch: the engine asks for every table, column and function while it compiles the statement.
import { constants } from 'node:sqlite';
import type { Effect } from '../domain/effect.ts';

/** What the engine asks about: action code, two arguments, database, trigger or view. */
export type EngineAction = readonly [number, string | null, string | null, string | null, string | null];

/** What the authoriser does with actions at the moment. */
export type AuthoriserMode =
  /** Our own PRAGMA, BEGIN, COMMIT. */
  | { readonly kind: 'own' }
  | { readonly kind: 'record'; readonly effect: Effect; readonly actions: Set<string>; readonly refusals: Set<string> }
  | { readonly kind: 'enforce'; readonly actions: ReadonlySet<string> };

// Harmless ones only: none reads files, loads code, changes settings, or makes a value larger than its arguments.
const allowedFunctions = new Set(
  (
    'abs avg ceil ceiling char coalesce concat concat_ws count cume_dist current_date current_time ' +
    'current_timestamp date datetime dense_rank exp first_value floor format glob group_concat hex if ifnull ' +
    'iif instr julianday lag last_insert_rowid last_value lead length like likelihood likely ln log log10 ' +
    'log2 lower ltrim match max median min mod nth_value ntile nullif octet_length percent_rank pi pow power ' +
    'printf quote random rank replace round row_number rtrim sign sqrt strftime string_agg substr substring ' +
    'sum time timediff total trim trunc typeof unhex unicode unixepoch unlikely upper changes bm25 highlight ' +
    'snippet -> ->>'
  ).split(' '),
);
const schemaTables = new Set(['sqlite_master', 'sqlite_schema']);
const actionNames = new Map(
  Object.entries(constants)
    .filter(([name]) =>
      /^SQLITE_(CREATE|DROP|PRAGMA|TRANSACTION|ATTACH|DETACH|ALTER|REINDEX|ANALYZE|SAVEPOINT)/.test(name),
    )
    .map(([name, code]) => [code, name.slice('SQLITE_'.length).toLowerCase().replaceAll('_', ' ')]),
);

/** The engine's answer for one action. */
export function authorise(mode: AuthoriserMode, action: EngineAction): number {
  switch (mode.kind) {
    case 'own':
      return constants.SQLITE_OK;
    case 'enforce':
      return mode.actions.has(actionKey(action)) || isShadowAction(mode.actions, action)
        ? constants.SQLITE_OK
        : constants.SQLITE_DENY;
    case 'record': {
      const refusal = refusalOf(mode.effect, action);
      if (refusal === undefined) mode.actions.add(actionKey(action));
      else mode.refusals.add(refusal);
      return refusal === undefined ? constants.SQLITE_OK : constants.SQLITE_DENY;
    }
    default:
      return constants.SQLITE_DENY;
  }
}

/**
 * What the recorded actions imply for virtual tables: a full-text table keeps its content in tables `name_…` of its own, which
 * the engine reads and writes by statements that it compiles only when the query runs.
 */
export function shadowActions(actions: ReadonlySet<string>, virtualTables: readonly string[]): readonly string[] {
  return virtualTables.flatMap((table) => {
    const touches = (code: number) =>
      [...actions].some((action) => action.startsWith(`[${code},${JSON.stringify(table)},`));
    const isWritten = [constants.SQLITE_INSERT, constants.SQLITE_UPDATE, constants.SQLITE_DELETE].some(touches);
    if (isWritten) return [`${shadowWrite}${table}`, `${shadowRead}${table}`];
    return touches(constants.SQLITE_READ) ? [`${shadowRead}${table}`] : [];
  });
}

const shadowRead = 'shadow read ';
const shadowWrite = 'shadow write ';

function isShadowAction(actions: ReadonlySet<string>, [code, first, , database]: EngineAction): boolean {
  const owners = (prefix: string) =>
    [...actions].filter((action) => action.startsWith(prefix)).map((action) => action.slice(prefix.length));
  const isOwned = (prefix: string) => owners(prefix).some((owner) => first?.startsWith(`${owner}_`) === true);
  switch (code) {
    case constants.SQLITE_SELECT:
      return owners(shadowRead).length > 0;
    case constants.SQLITE_PRAGMA:
      return first === 'data_version' && owners(shadowRead).length > 0;
    case constants.SQLITE_READ:
      return database === 'main' && isOwned(shadowRead);
    case constants.SQLITE_INSERT:
    case constants.SQLITE_UPDATE:
    case constants.SQLITE_DELETE:
      return database === 'main' && isOwned(shadowWrite);
    default:
      return false;
  }
}

function actionKey(action: EngineAction): string {
  return JSON.stringify(action);
}

function refusalOf(effect: Effect, [code, first, second, database]: EngineAction): string | undefined {
  if (database === 'temp') return 'it uses temporary objects';
  switch (code) {
    case constants.SQLITE_SELECT:
    case constants.SQLITE_RECURSIVE:
      return undefined;
    case constants.SQLITE_READ:
      return isReadable(first ?? '', effect) ? undefined : `it reads the internal table ${first ?? ''}`;
    case constants.SQLITE_FUNCTION:
      return isAllowedFunction(second ?? '')
        ? undefined
        : `it calls the function ${second ?? ''}, which is not allowed`;
    case constants.SQLITE_INSERT:
    case constants.SQLITE_UPDATE:
    case constants.SQLITE_DELETE:
      if (effect === 'read') return 'it writes, but its effect is read';
      return isInternal(first ?? '') ? `it writes the internal table ${first ?? ''}` : undefined;
    default:
      return `it is not a plain query or change (${actionNames.get(code) ?? 'other'})`;
  }
}

function isAllowedFunction(name: string): boolean {
  const lower = name.toLowerCase();
  return allowedFunctions.has(lower) || /^jsonb?(_[a-z_]+)?$/.test(lower);
}

function isReadable(table: string, effect: Effect): boolean {
  return !isInternal(table) || (effect === 'read' && schemaTables.has(table.toLowerCase()));
}

// pragma_* and dbstat are pragmas and page dumps in the shape of tables.
function isInternal(table: string): boolean {
  return /^(sqlite_|pragma_|dbstat$|sqlite$)/i.test(table);
}
