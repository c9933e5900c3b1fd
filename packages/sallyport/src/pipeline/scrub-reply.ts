// Seventh stage: what the agent may see of the reply, with every registered value taken out of it (I1).
import type { Execution } from '../connectors/connector.ts';
import { assertNever } from '../domain/assert-never.ts';
import { isRawJsonNumber } from '../domain/canonical-json.ts';
import { SallyportError } from '../domain/errors.ts';
import type { JsonArray, JsonObject, JsonValue } from '../domain/json-value.ts';
import type { ReplyPolicy } from '../domain/reply-policy.ts';
import { parseStrictJson } from '../domain/strict-json.ts';
import { type ScanWork, workOfReply } from './scrub/scan-work.ts';
import type { Scrubbed as ScrubbedText, Scrubber } from './scrubber.ts';
import { shapeReply } from './shape-reply.ts';
import type { Ending, Executed, Scrubbed } from './stages.ts';

/** Shapes the reply by its policy and scrubs it; a failure keeps its fixed text, which the last stage scrubs. */
export function scrubReply({ authorised, execution }: Executed): Scrubbed {
  const { caller, operation } = authorised;
  switch (execution.kind) {
    case 'replied':
      return {
        stage: 'scrubbed',
        authorised,
        ending: replyEnding(execution, operation.definition.reply, caller.snapshot.scrubber),
      };
    case 'not-sent':
    case 'failed':
    case 'indeterminate':
    case 'cut':
      return { stage: 'scrubbed', authorised, ending: failure(execution) };
    default:
      return assertNever(execution);
  }
}

type Replied = Extract<Execution, { readonly kind: 'replied' }>;

function replyEnding(replied: Replied, policy: ReplyPolicy, scrubber: Scrubber): Ending {
  try {
    const shaped = shapeReply(replied, policy);
    const { text, redactions } = scrubJson(shaped.value, scrubber);
    if (Buffer.byteLength(text) > policy.maxBytes) throw tooLarge();
    const reply = { json: text, isTruncated: shaped.isTruncated };
    return { result: 'ok', reply, redactions, upstreamStatus: replied.status };
  } catch (error) {
    if (!(error instanceof SallyportError)) throw error;
    return { result: 'failed', error, upstreamStatus: replied.status, isUnsent: false };
  }
}

function failure(execution: Exclude<Executed['execution'], Replied>): Ending {
  const { error } = execution;
  switch (execution.kind) {
    case 'not-sent':
      return { result: 'failed', error, upstreamStatus: null, isUnsent: true };
    case 'failed':
      return { result: 'failed', error, upstreamStatus: execution.upstreamStatus, isUnsent: false };
    case 'indeterminate':
    case 'cut':
      return { result: execution.kind, error, upstreamStatus: null, isUnsent: false };
    default:
      return assertNever(execution);
  }
}

/** JSON text of a value without registered values. @throws SallyportError UPSTREAM_REPLY_UNREADABLE */
export function scrubJson(value: JsonValue, scrubber: Scrubber): ScrubbedText {
  const text = JSON.stringify(value);
  const work = workOfReply(text.length);
  const whole = scrubber.scrubJson(text, work);
  if (whole.redactions === 0 || isStrictJson(whole.text)) return whole;
  // String by string, so that numbers become strings and keys do not meet; then what stands across strings.
  const cleaner = new Cleaner(scrubber, work);
  const cleaned = cleaner.clean(value);
  const clean = scrubber.scrubJson(JSON.stringify(cleaned), work);
  if (clean.redactions > 0 && !isJson(clean.text)) {
    throw new SallyportError(
      'UPSTREAM_REPLY_UNREADABLE',
      'the reply held a credential that could not be taken out, so it is withheld',
    );
  }
  return { text: clean.text, redactions: clean.redactions + cleaner.redactions };
}

class Cleaner {
  readonly #scrubber: Scrubber;
  readonly #work: ScanWork;
  redactions = 0;

  constructor(scrubber: Scrubber, work: ScanWork) {
    this.#scrubber = scrubber;
    this.#work = work;
  }

  clean(value: JsonValue): JsonValue {
    if (typeof value === 'string') return this.#text(value);
    if (typeof value === 'number') return this.#number(String(value), value);
    if (value === null || typeof value !== 'object') return value;
    if (isRawJsonNumber(value)) return this.#number(value.rawJSON, value);
    if (isArray(value)) return value.map((element) => this.clean(element));
    return this.#object(value);
  }

  #object(object: JsonObject): JsonObject {
    return Object.fromEntries(Object.entries(object).map(([key, field]) => [this.#text(key), this.clean(field)]));
  }

  #text(text: string): string {
    const scrubbed = this.#scrubber.scrub(text, this.#work);
    this.redactions += scrubbed.redactions;
    return scrubbed.text;
  }

  // A value of digits alone can be written as a number; what is left of it is not one any more.
  #number(text: string, value: JsonValue): JsonValue {
    const scrubbed = this.#text(text);
    return scrubbed === text ? value : scrubbed;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

// Two keys that held a value are the same key afterwards.
function isStrictJson(text: string): boolean {
  try {
    parseStrictJson(text, { maxDepth: Number.POSITIVE_INFINITY, numbers: 'keep' });
    return true;
  } catch {
    return false;
  }
}

function isArray(value: JsonValue): value is JsonArray {
  return Array.isArray(value);
}

function tooLarge(): SallyportError {
  return new SallyportError(
    'UPSTREAM_REPLY_TOO_LARGE',
    'the service answered, but with more than this operation may return',
  );
}
