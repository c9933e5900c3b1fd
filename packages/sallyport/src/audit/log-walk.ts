// Goes over the leaves of a log in order, with nothing but their bytes: the part of a verification that store and copy share.

import type { CallIntent } from '../domain/audit-entry.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import type { JsonValue } from '../domain/json-value.ts';
import { type Succession, successionText, verifySuccession } from './audit-signer.ts';
import { parseEntry, type StoredEntry } from './parse-entry.ts';
import { type NoteVerifier, noteVerifier } from './signed-note.ts';
import { CompactTree, leafHash } from './tree.ts';

/** Something that does not hold; `leaf` is null where it concerns the log as a whole. */
export interface AuditProblem {
  readonly leaf: number | null;
  readonly what: string;
}

const maxProblems = 100;

/** A walk over one log; memory grows with the records that have details. */
export class LogWalk {
  readonly tree = new CompactTree();
  readonly problems: AuditProblem[] = [];
  /** Intents without an outcome so far, and where and when they were. */
  readonly unended = new Map<string, { readonly leaf: number; readonly at: number }>();
  /** Commitments to details, by leaf. */
  readonly commitments = new Map<number, string>();
  /** Leaves whose details were erased, by the records that say so. */
  readonly erased = new Set<number>();
  /** Signers in the order in which they entered. */
  readonly signers: NoteVerifier[] = [];
  /** Approvals that were given and not used so far: what for. */
  readonly #given = new Map<string, { readonly agent: unknown; readonly operation: unknown }>();
  readonly #rootAt: Map<number, Uint8Array | undefined>;
  next = 0;
  intents = 0;
  outcomes = 0;
  refused = 0;
  /** Time of the last leaf, milliseconds. */
  lastAt = 0;

  /** @param watchedSizes the sizes at which the root is kept, for checkpoints */
  constructor(watchedSizes: readonly number[]) {
    this.#rootAt = new Map(watchedSizes.map((size) => [size, size === 0 ? this.tree.root() : undefined]));
  }

  /** The root at a watched size; undefined when the log is shorter. */
  rootAt(size: number): Uint8Array | undefined {
    return this.#rootAt.get(size);
  }

  problem(leaf: number | null, what: string): void {
    if (this.problems.length < maxProblems) this.problems.push({ leaf, what });
  }

  /** Takes the next leaf; gives what it says, and its hash. */
  leaf(index: number, bytes: Uint8Array): { readonly hash: Buffer; readonly stored: StoredEntry | undefined } {
    if (index !== this.next) this.problem(this.next, 'leaves are missing from here on');
    this.next = index + 1;
    const hash = leafHash(bytes);
    this.tree.append(hash);
    if (this.#rootAt.has(this.tree.size)) this.#rootAt.set(this.tree.size, this.tree.root());
    const stored = parseEntry(index, bytes);
    if (stored === undefined) this.problem(index, 'the leaf is no entry');
    else this.#entry(stored, bytes);
    return { hash, stored };
  }

  #entry({ leaf, entry, commitment }: StoredEntry, bytes: Uint8Array): void {
    const fields: JsonValue = commitment === null ? { ...entry } : { ...entry, commitment };
    if (Buffer.compare(Buffer.from(canonicalJson(fields)), bytes) !== 0) {
      this.problem(leaf, 'the leaf is not canonical JSON');
    }
    if (commitment !== null) this.commitments.set(leaf, commitment);
    this.lastAt = entry.at;
    if (entry.kind === 'call.intent') {
      this.intents += 1;
      this.unended.set(entry.call, { leaf, at: entry.at });
      this.#useApproval(leaf, entry);
    } else if (entry.kind === 'call.outcome') {
      this.outcomes += 1;
      if (!this.unended.delete(entry.call)) this.problem(leaf, 'an outcome without an open intent before it');
    } else if (entry.kind === 'call.refused') {
      this.refused += 1;
    } else if (entry.kind === 'approval.allowed') {
      const { agent, operation } = entry.facts;
      this.#given.set(entry.subject, { agent, operation });
    } else if (entry.kind === 'audit.details-erased') {
      const { record } = entry.facts;
      if (typeof record === 'number') this.erased.add(record);
    } else if (entry.kind === 'audit.signer-added') {
      this.#signer(leaf, successionOf(entry.facts));
    }
  }

  #useApproval(leaf: number, { approval, agent, operation }: CallIntent): void {
    if (approval === null) return;
    const given = this.#given.get(approval);
    const isGiven = given?.agent === agent && given.operation === operation;
    if (!isGiven) this.problem(leaf, 'a call on an approval that no record before it gives, or that was used already');
    this.#given.delete(approval);
  }

  #signer(leaf: number, succession: Succession | undefined): void {
    const last = this.signers.at(-1);
    const verifier = succession === undefined ? undefined : follows(succession, last);
    if (verifier === undefined) this.problem(leaf, 'a signer that its predecessor does not vouch for');
    else this.signers.push(verifier);
  }
}

function follows(succession: Succession, last: NoteVerifier | undefined): NoteVerifier | undefined {
  if (last !== undefined) return verifySuccession(succession, last);
  const first = noteVerifier(succession.key);
  const text = Buffer.from(successionText(succession.key, null));
  const isOwn = first?.verifiesBytes(text, Buffer.from(succession.signature, 'base64')) === true;
  return isOwn && succession.previous === null ? first : undefined;
}

function successionOf(facts: Readonly<Record<string, unknown>>): Succession | undefined {
  const { key, previous, signature, previousSignature } = facts;
  if (typeof key !== 'string' || typeof signature !== 'string') return undefined;
  if (previous !== null && typeof previous !== 'string') return undefined;
  if (previousSignature !== null && typeof previousSignature !== 'string') return undefined;
  return { key, previous, signature, previousSignature };
}
