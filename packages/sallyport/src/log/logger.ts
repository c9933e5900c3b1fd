// The operator's log: JSON lines with allow-listed fields only, scrubbed once more as text before they are written.
import { pino } from 'pino';
import { SallyportError } from '../domain/errors.ts';
import { visibleJson } from '../domain/visible-text.ts';

/** Takes registered values out of a finished line. */
export type LineScrubber = (line: string) => string;

/** Where lines go. */
export interface LineSink {
  write(line: string): void;
}

/** Facts of a refused or failed call; nothing else of it is logged. */
export interface RefusalFacts {
  readonly call: string | null;
  readonly agent: string | null;
  readonly operation: string | null;
  readonly code: string;
  readonly reason: string | null;
  readonly cause: unknown;
}

/** The log. */
export interface Logger {
  /** Something that happened in Sallyport's own life; facts are public by construction. */
  event(event: string, facts?: Readonly<Record<string, string | number | boolean | null>>): void;
  /** Something that an operator should look at. */
  warning(event: string, facts?: Readonly<Record<string, string | number | boolean | null>>): void;
  /** A refused or failed call. */
  refusal(facts: RefusalFacts): void;
}

/** Makes the log; `scrub` is asked for each line, so that it always uses the values registered now. */
export function createLogger(sink: LineSink, scrub: LineScrubber): Logger {
  const log = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    // Whoever reads the log at a terminal gets none of the controls that pino leaves as they are (C1, bidi).
    { write: (line: string) => sink.write(`${visibleJson(scrub(line.trimEnd()))}\n`) },
  );
  return {
    event: (event, facts = {}) => log.info({ event, ...facts }),
    warning: (event, facts = {}) => log.warn({ event, ...facts }),
    refusal: ({ call, agent, operation, code, reason, cause }) =>
      log.warn({ event: 'call.refused', call, agent, operation, code, reason, cause: describeCause(cause) }),
  };
}

const maxCauseDepth = 4;
const maxMessageLength = 300;

/** Name, code and message of an error and its causes; never its properties, which may hold a request. */
function describeCause(cause: unknown): string | null {
  const parts: string[] = [];
  let current: unknown = cause;
  for (let depth = 0; depth < maxCauseDepth && current instanceof Error; depth += 1) {
    const code = current instanceof SallyportError ? current.code : current.name;
    parts.push(`${code}: ${current.message.slice(0, maxMessageLength)}`);
    current = current.cause;
  }
  if (parts.length === 0 && typeof cause === 'string') return cause.slice(0, maxMessageLength);
  return parts.length === 0 ? null : parts.join(' <- ');
}
