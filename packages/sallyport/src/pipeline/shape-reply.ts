// Cuts a service's reply down to what the reply policy lets an agent see.
import type { Execution, ReplyBody } from '../connectors/connector.ts';
import { isRawJsonNumber } from '../domain/canonical-json.ts';
import { SallyportError } from '../domain/errors.ts';
import type { JsonArray, JsonObject, JsonValue } from '../domain/json-value.ts';
import type { FieldPointer, ReplyPolicy } from '../domain/reply-policy.ts';

/** A reply after its policy, before the scrubber. */
export interface ShapedReply {
  readonly value: JsonValue;
  readonly isTruncated: boolean;
}

type Replied = Extract<Execution, { readonly kind: 'replied' }>;

/** Applies the policy. @throws SallyportError UPSTREAM_REPLY_UNREADABLE, UPSTREAM_REPLY_TOO_LARGE */
export function shapeReply(replied: Replied, policy: ReplyPolicy): ShapedReply {
  const body = shapeBody(replied, policy);
  if (policy.headers.length === 0) return body;
  return { value: { headers: headersOf(replied, policy), body: body.value }, isTruncated: body.isTruncated };
}

function shapeBody({ body, isTruncated }: Replied, policy: ReplyPolicy): ShapedReply {
  if (policy.kind === 'none') return { value: { done: true }, isTruncated: false };
  const rows = rowsOf(body, policy);
  if (rows !== undefined) return shapeRows(rows, policy, isTruncated);
  if (policy.kind === 'rows') throw unreadable('the service answered with something else than rows');
  if (policy.kind === 'all') return { value: wholeBody(body), isTruncated };
  if (body.kind === 'empty') return { value: {}, isTruncated };
  if (body.kind !== 'json') throw unreadable('the service answered with something else than JSON');
  const selection = new Selection(policy.maxRows);
  const value = selection.of(body.value, treeOf(policy.fields)) ?? {};
  return { value, isTruncated: isTruncated || selection.isTruncated };
}

function rowsOf(body: ReplyBody, policy: ReplyPolicy): readonly JsonValue[] | undefined {
  if (body.kind === 'rows') return policy.kind === 'fields' ? selectRows(body.rows, policy.fields) : body.rows;
  return policy.kind === 'rows' && body.kind === 'json' && isArray(body.value) ? body.value : undefined;
}

// Pointers into rows name columns, with or without the `*` that stands for each row.
function selectRows(rows: readonly JsonValue[], fields: readonly FieldPointer[]): readonly JsonValue[] {
  const tree = treeOf(fields.map((pointer) => (pointer[0] === '*' ? pointer.slice(1) : pointer)));
  return rows.map((row) => new Selection(Number.MAX_SAFE_INTEGER).of(row, tree) ?? {});
}

// Rows are cut whole, never inside one: no value is cut in two before the scrubber has seen it (R08).
function shapeRows(rows: readonly JsonValue[], policy: ReplyPolicy, wasTruncated: boolean): ShapedReply {
  const kept: JsonValue[] = [];
  let bytes = '{"rows":[],"truncated":false}'.length;
  for (const row of rows) {
    bytes += Buffer.byteLength(JSON.stringify(row)) + 1;
    if (kept.length >= policy.maxRows || bytes > policy.maxBytes) break;
    kept.push(row);
  }
  const isTruncated = wasTruncated || kept.length < rows.length;
  return { value: { rows: kept, truncated: isTruncated }, isTruncated };
}

function wholeBody(body: ReplyBody): JsonValue {
  if (body.kind === 'json') return body.value;
  return body.kind === 'text' ? body.text : null;
}

function headersOf({ headers }: Replied, policy: ReplyPolicy): JsonObject {
  const listed = new Map<string, string>();
  for (const [name, value] of headers) {
    if (!policy.headers.includes(name)) continue;
    const before = listed.get(name);
    listed.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return objectOf(listed);
}

/** The pointers of a policy as one tree; a leaf takes everything below it. */
interface PointerTree {
  readonly isLeaf: boolean;
  readonly children: ReadonlyMap<string, PointerTree>;
  readonly fields: readonly (readonly [string, PointerTree])[];
}

const trees = new WeakMap<readonly FieldPointer[], PointerTree>();

function treeOf(fields: readonly FieldPointer[]): PointerTree {
  const known = trees.get(fields);
  if (known !== undefined) return known;
  const tree = growTree(fields);
  trees.set(fields, tree);
  return tree;
}

function growTree(pointers: readonly FieldPointer[]): PointerTree {
  const below = Map.groupBy(
    pointers.filter((pointer) => pointer.length > 0),
    (pointer) => pointer[0] ?? '',
  );
  const children = new Map<string, PointerTree>();
  for (const [segment, tails] of below) children.set(segment, growTree(tails.map((pointer) => pointer.slice(1))));
  return { isLeaf: pointers.some((pointer) => pointer.length === 0), children, fields: [...children] };
}

class Selection {
  readonly #maxElements: number;
  isTruncated = false;

  constructor(maxElements: number) {
    this.#maxElements = maxElements;
  }

  // Undefined when nothing that was named is there.
  of(value: JsonValue, tree: PointerTree): JsonValue | undefined {
    if (tree.isLeaf) return value;
    if (value === null || typeof value !== 'object' || isRawJsonNumber(value)) return undefined;
    return isArray(value) ? this.#elements(value, tree) : this.#fields(value, tree);
  }

  #elements(array: JsonArray, { children }: PointerTree): JsonValue {
    const each = children.get('*');
    const kept: JsonValue[] = [];
    for (const [index, element] of array.entries()) {
      const tree = each ?? children.get(String(index));
      if (tree === undefined) continue;
      if (kept.length >= this.#maxElements) {
        this.isTruncated = true;
        break;
      }
      const selected = this.of(element, tree);
      if (selected !== undefined) kept.push(selected);
    }
    return kept;
  }

  #fields(object: JsonObject, { fields }: PointerTree): JsonValue | undefined {
    let kept: Record<string, JsonValue> | undefined;
    for (const [key, tree] of fields) {
      const field = Object.hasOwn(object, key) ? object[key] : undefined;
      const selected = field === undefined ? undefined : this.of(field, tree);
      if (selected === undefined) continue;
      kept ??= {};
      if (key === '__proto__') Object.defineProperty(kept, key, { value: selected, enumerable: true });
      else kept[key] = selected;
    }
    return kept;
  }
}

// Own properties only, `__proto__` among them: assigning that name would change the prototype instead.
function objectOf(fields: ReadonlyMap<string, JsonValue>): JsonObject {
  return Object.fromEntries(fields);
}

function isArray(value: JsonValue): value is JsonArray {
  return Array.isArray(value);
}

function unreadable(message: string): SallyportError {
  return new SallyportError('UPSTREAM_REPLY_UNREADABLE', message);
}
