// Reads YAML into plain JSON values and remembers where each one stands: nothing implicit, nothing lossy, nothing that unfolds.
import type { Document, Node, Pair } from 'yaml';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { isExactNumber } from '../domain/exact-number.ts';
import type { JsonObject, JsonValue } from '../domain/json-value.ts';
import type { ConfigPath, Problem } from '../domain/problem.ts';
import { hiddenCharacter } from '../domain/visible-text.ts';

/** A position in a text; line and column count from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** A problem of the text itself, at a position. */
interface TextProblem extends Problem, TextPosition {
  /** The value there could not be read, so that other problems with it mean nothing. */
  readonly hidesValue: boolean;
}

/** A YAML document as JSON, with positions. */
export interface YamlDocument {
  /** Undefined when the text is not YAML at all. */
  readonly value: JsonValue | undefined;
  readonly problems: readonly TextProblem[];
  /** Position of a path; of its nearest parent where the path itself is not there. */
  locate(path: ConfigPath): TextPosition;
}

interface Place {
  readonly offset: number;
  readonly children: Map<string | number, Place>;
}

const tagMessage = 'tags (`!…`) are not allowed; write the plain value';
const maxNodes = 100_000;
const maxAliases = 100;
const maxDepth = 40;
const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
// RFC 8259 §6; octal, hexadecimal and infinite numbers of YAML are not written like this.
const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Parses YAML 1.2 with the core schema; duplicate keys, tags, merge keys, directives and inexact numbers are problems. */
export function parseYaml(text: string): YamlDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    // Found below, in linear time.
    uniqueKeys: false,
    strict: true,
    lineCounter: lines,
    prettyErrors: false,
    // `silent` would take a second document without a word.
    logLevel: 'error',
  });
  const reader = new YamlReader(document);
  reader.checkText(text);
  const isReadable = document.errors.length === 0;
  const root: Place = { offset: 0, children: new Map() };
  const value = isReadable && document.contents !== null ? reader.read(document.contents, root, 0) : undefined;
  const position = (offset: number): TextPosition => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  return {
    value: isReadable && document.contents === null ? {} : value,
    problems: reader.found.map(({ offset, message, hidesValue }) => ({
      hidesValue,
      severity: 'error',
      path: [],
      message,
      ...position(offset),
    })),
    locate: (path) => position(offsetOf(root, path)),
  };
}

function offsetOf(root: Place, path: ConfigPath): number {
  let place = root;
  for (const key of path) {
    const next = place.children.get(key);
    if (next === undefined) break;
    place = next;
  }
  return place.offset;
}

// A path such as /items/{id} within `{ … }` is the mistake that is made most.
function syntaxMessage(message: string): string {
  const text = message.charAt(0).toLowerCase() + message.slice(1);
  return `not valid YAML: ${text.slice(0, 200)}; within \`{ … }\` and \`[ … ]\`, quote text that holds { } [ ] or a comma`;
}

interface Found {
  readonly offset: number;
  readonly hidesValue: boolean;
  readonly message: string;
}

class YamlReader {
  readonly found: Found[] = [];
  readonly #document: Document;
  #nodes = 0;
  #aliases = 0;

  constructor(document: Document) {
    this.#document = document;
    // What follows the first error of syntax is noise.
    const syntax = document.errors[0];
    if (syntax !== undefined) this.#report(syntax.pos[0], syntaxMessage(syntax.message));
    for (const { code, pos } of document.warnings) {
      if (code === 'TAG_RESOLVE_FAILED') this.#report(pos[0], tagMessage);
    }
    const directives = document.directives;
    if (directives?.yaml.explicit === true || Object.keys(directives?.tags ?? {}).some((tag) => tag !== '!!')) {
      this.#report(0, 'directives (`%…`) are not allowed; remove the line');
    }
  }

  /** Reports characters that a reviewer would not see (CVE-2021-42574), once. */
  checkText(text: string): void {
    const hidden = hiddenCharacter(text);
    if (hidden !== undefined) this.#report(hidden.index, `the character ${hidden.name} cannot be seen; remove it`);
  }

  read(node: Node, place: Place, depth: number): JsonValue | undefined {
    this.#nodes += 1;
    if (this.#nodes > maxNodes || depth > maxDepth) {
      return this.#hide(place.offset, 'too large or too deeply nested; at most 100,000 values and 40 levels');
    }
    if (isAlias(node)) return this.#readAlias(node.resolve(this.#document), place, depth);
    if (node.tag !== undefined) {
      if (!this.found.some(({ message }) => message === tagMessage)) {
        this.#hide(place.offset, tagMessage);
      }
      return undefined;
    }
    if (isScalar(node)) return this.#readScalar(node.value, node.source, place.offset);
    if (isSeq(node)) return this.#readItems(node.items, place, depth);
    if (isMap(node)) return this.#readFields(node.items, place, depth);
    return undefined;
  }

  #readAlias(target: Node | undefined, place: Place, depth: number): JsonValue | undefined {
    this.#aliases += 1;
    if (target === undefined) return this.#hide(place.offset, 'this alias names no anchor');
    if (this.#aliases > maxAliases) {
      return this.#hide(place.offset, `more than ${maxAliases} aliases; write the values out`);
    }
    return this.read(target, place, depth + 1);
  }

  #readScalar(value: unknown, source: string | undefined, offset: number): JsonValue | undefined {
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
    const text = source ?? '';
    if (typeof value === 'number' && jsonNumber.test(text) && isExactNumber(text, value)) return value;
    return this.#hide(offset, 'this number is not decimal or would be rounded; write it exactly, or quote it as text');
  }

  #readItems(items: readonly unknown[], place: Place, depth: number): JsonValue {
    return items.map((item, index) => {
      if (!isNode(item)) return null;
      const child = { offset: item.range?.[0] ?? place.offset, children: new Map() };
      place.children.set(index, child);
      return this.read(item, child, depth + 1) ?? null;
    });
  }

  #readFields(pairs: readonly Pair[], place: Place, depth: number): JsonObject {
    const fields: Record<string, JsonValue> = {};
    for (const { key, value } of pairs) {
      const offset = (isNode(key) ? key.range?.[0] : undefined) ?? place.offset;
      const name = isScalar(key) && key.tag === undefined && typeof key.value === 'string' ? key.value : undefined;
      if (name === undefined) {
        this.#report(offset, 'this key is not text; quote it');
      } else if (name === '<<' || forbiddenKeys.has(name)) {
        this.#report(offset, `the key \`${name}\` is not allowed`);
      } else if (Object.hasOwn(fields, name)) {
        this.#report(offset, 'this key stands here twice; keep one');
      } else {
        const child = { offset, children: new Map() };
        place.children.set(name, child);
        fields[name] = isNode(value) ? (this.read(value, child, depth + 1) ?? null) : null;
      }
    }
    return fields;
  }

  #report(offset: number, message: string): void {
    this.found.push({ offset, message, hidesValue: false });
  }

  #hide(offset: number, message: string): undefined {
    const isKnown = this.#nodes > maxNodes && this.found.some(({ hidesValue }) => hidesValue);
    if (!isKnown) this.found.push({ offset, message, hidesValue: true });
    return undefined;
  }
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isAlias(value) || isMap(value) || isSeq(value);
}
