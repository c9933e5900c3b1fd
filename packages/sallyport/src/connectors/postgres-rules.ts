// Decides by its parse tree what a statement may be: every node of the whole tree must be a known, harmless one.
import type { Effect } from '../domain/effect.ts';
import { isAllowedFunction } from './postgres-functions.ts';

/** What a statement's tree says. */
export interface StatementFacts {
  /** Why the statement is refused; empty when it is not. */
  readonly refusals: readonly string[];
  readonly doesDelete: boolean;
  /** Names of its columns, as far as they stand in the text. */
  readonly columns: readonly string[];
}

const readNodes = new Set(
  (
    'SelectStmt ResTarget ColumnRef A_Star String Integer Float Boolean BitString List A_Const A_Expr BoolExpr NullTest ' +
    'BooleanTest CaseExpr CaseWhen CoalesceExpr MinMaxExpr SubLink A_ArrayExpr A_Indirection A_Indices RowExpr FuncCall ' +
    'NamedArgExpr TypeCast TypeName CollateClause ParamRef SQLValueFunction RangeVar RangeSubselect RangeFunction ' +
    'JoinExpr SortBy WindowDef GroupingSet GroupingFunc CommonTableExpr JsonObjectConstructor JsonArrayConstructor ' +
    'JsonKeyValue JsonValueExpr JsonObjectAgg JsonArrayAgg JsonIsPredicate'
  ).split(' '),
);
const writeNodes = new Set(
  (
    'InsertStmt UpdateStmt DeleteStmt MergeStmt MergeWhenClause IndexElem SetToDefault MultiAssignRef LockingClause ' +
    'ReturningOption'
  ).split(' '),
);
// They look names up in the catalogue, which tells what exists.
const lookupTypes = new Set(
  (
    'regclass regcollation regconfig regdictionary regnamespace regoper regoperator regproc regprocedure regrole ' +
    'regtype'
  ).split(' '),
);
const topNodes = new Set(['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']);

type Fields = Readonly<Record<string, unknown>>;

/** Looks at the whole tree; never throws. */
export function checkTree(tree: unknown, effect: Effect): StatementFacts {
  const [type = 'nothing'] = Object.keys(isFields(tree) ? tree : {});
  if (!topNodes.has(type)) return { refusals: [notAllowed(type)], doesDelete: false, columns: [] };
  const walk = new TreeWalk(effect);
  walk.visit(tree);
  return { refusals: [...walk.refusals], doesDelete: walk.doesDelete, columns: columnsOf(tree) };
}

class TreeWalk {
  readonly refusals = new Set<string>();
  doesDelete = false;
  readonly #effect: Effect;

  constructor(effect: Effect) {
    this.#effect = effect;
  }

  visit(value: unknown): void {
    if (Array.isArray(value)) {
      for (const item of value) this.visit(item);
    } else if (isFields(value)) {
      this.#checkFields(value);
      for (const [key, field] of Object.entries(value)) {
        // The tree names a node by a key in capitals; every other key is a field.
        if (/^[A-Z]/.test(key)) this.#checkNode(key, field);
        this.visit(field);
      }
    }
  }

  #checkNode(type: string, fields: unknown): void {
    if (writeNodes.has(type)) {
      if (this.#effect === 'read') {
        this.#refuse(
          type === 'LockingClause' ? 'it locks rows, but its effect is read' : 'it writes, but its effect is read',
        );
      }
    } else if (!readNodes.has(type)) {
      this.#refuse(notAllowed(type));
    }
    if (!isFields(fields)) return;
    if (type === 'DeleteStmt' || fields['commandType'] === 'CMD_DELETE') this.doesDelete = true;
    // A condition without a column holds for every row, or for none.
    const isUnbounded = (type === 'DeleteStmt' || type === 'UpdateStmt') && !hasColumn(fields['whereClause']);
    if (isUnbounded && this.#effect === 'write') {
      this.#refuse('it changes every row of a table; give it a WHERE, or declare effect: destroy');
    }
  }

  // By the fields and not by the node: some nodes stand in the tree without their name.
  #checkFields(fields: Fields): void {
    if ('intoClause' in fields) this.#refuse('it creates a table (SELECT INTO)');
    if (typeof fields['relname'] === 'string') this.#checkRelation(fields, fields['relname']);
    if ('funcname' in fields) this.#checkFunction(namePath(fields['funcname']));
    if ('names' in fields && 'typemod' in fields) this.#checkType(fields, namePath(fields['names']));
    for (const key of ['name', 'operName', 'useOp']) {
      const path = namePath(fields[key]);
      if (path.length > 1 && path[0] !== 'pg_catalog') this.#refuse(`it uses the operator ${path.join('.')}`);
    }
  }

  #checkRelation({ catalogname, schemaname, relpersistence }: Fields, name: string): void {
    const full = typeof schemaname === 'string' ? `${schemaname}.${name}` : name;
    const isInternal = (typeof schemaname === 'string' ? schemaname : name).startsWith('pg_');
    const isSchemaView = schemaname === 'information_schema';
    if (catalogname !== undefined) this.#refuse(`it names a database (${full}); leave it out`);
    if (relpersistence !== undefined && relpersistence !== 'p') this.#refuse('it uses temporary tables');
    if (isInternal || (isSchemaView && this.#effect !== 'read')) this.#refuse(`it uses the internal table ${full}`);
  }

  #checkFunction(path: readonly string[]): void {
    if (isAllowedFunction(path, this.#effect !== 'read')) return;
    this.#refuse(`it calls the function ${path.join('.')}, which is not allowed`);
  }

  #checkType(fields: Fields, path: readonly string[]): void {
    const name = path.at(-1) ?? '';
    if (lookupTypes.has(name) || name.startsWith('pg_') || 'setof' in fields || 'pct_type' in fields) {
      this.#refuse(`it uses the type ${path.join('.')}, which is not allowed`);
    }
  }

  #refuse(message: string): void {
    this.refusals.add(message);
  }
}

function notAllowed(type: string): string {
  const words = type.replace(/Stmt$/, '').replaceAll(/([a-z])([A-Z])/g, '$1 $2');
  return `it is not a plain query or change (${words.toLowerCase()})`;
}

function hasColumn(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasColumn);
  return isFields(value) && ('ColumnRef' in value || Object.values(value).some(hasColumn));
}

function columnsOf(tree: unknown): readonly string[] {
  const [statement] = Object.values(isFields(tree) ? tree : {});
  if (!isFields(statement)) return [];
  const returning = isFields(statement['returningClause']) ? statement['returningClause']['exprs'] : undefined;
  const targets = 'cols' in statement || returning !== undefined ? returning : firstTargets(statement);
  return Array.isArray(targets) ? targets.flatMap((target: unknown) => targetName(target) ?? []) : [];
}

// A set operation has the columns of its first part.
function firstTargets(statement: Fields): unknown {
  return isFields(statement['larg']) ? firstTargets(statement['larg']) : statement['targetList'];
}

function targetName(target: unknown): string | undefined {
  const fields = isFields(target) ? target['ResTarget'] : undefined;
  if (!isFields(fields)) return undefined;
  if (typeof fields['name'] === 'string') return fields['name'];
  const reference = isFields(fields['val']) ? fields['val']['ColumnRef'] : undefined;
  // A star stands for columns that only the server knows.
  return isFields(reference) ? namePath([lastOf(reference['fields'])])[0] : undefined;
}

function lastOf(value: unknown): unknown {
  return Array.isArray(value) ? value.at(-1) : undefined;
}

/** The texts of a list of String nodes; a star is none. */
function namePath(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) => {
    const node = isFields(item) ? item['String'] : undefined;
    return isFields(node) && typeof node['sval'] === 'string' ? [node['sval']] : [];
  });
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
