// The grammar of the names in a config: ids, inputs, header names; durations as fields.
import { z } from 'zod';
import type { AgentId } from '../domain/agent.ts';
import type { CredentialId } from '../domain/credential.ts';
import { formatDuration, parseDuration } from '../domain/duration.ts';
import type { OperationId } from '../domain/operation.ts';
import type { ServiceId } from '../domain/service.ts';
import { hiddenCharacter } from '../domain/visible-text.ts';

const id = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;
const operationId = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/;
const maxIdLength = 100;

/** What an id looks like, for messages. */
export const idRule = 'lower-case letters, digits, `-` and `.`, at most 100 characters, a letter or digit at both ends';

/** Whether a text may be the key of a service. */
export function isServiceId(text: string): text is ServiceId {
  return isId(text);
}

/** Whether a text may be the key of a credential; `none` says that a service has no credential. */
export function isCredentialId(text: string): text is CredentialId {
  return text !== 'none' && isId(text);
}

/** Whether a text may be the key of an agent. */
export function isAgentId(text: string): text is AgentId {
  return isId(text);
}

/** Whether a text may be the key of an operation; `_` is allowed besides. */
export function isOperationId(text: string): text is OperationId {
  return text.length <= maxIdLength && operationId.test(text);
}

function isId(text: string): boolean {
  return text.length <= maxIdLength && id.test(text);
}

const inputName = /^[a-zA-Z_][a-zA-Z0-9_]{0,63}$/;
const objectNames: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Whether a text may name an input. */
export function isInputName(text: string): boolean {
  return inputName.test(text) && !objectNames.has(text);
}

/** Whether a text is a token of RFC 9110 §5.6.2: a header's or cookie's name. */
export function isHttpToken(text: string): boolean {
  return text.length <= 100 && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text);
}

/** Whether a text may be a header's fixed value: visible ASCII, spaces within. */
export function isHeaderText(text: string): boolean {
  return text.length <= 4096 && /^[\x20-\x7e]*$/.test(text) && text.trim() === text;
}

/** A duration field within a range, in milliseconds. */
export function durationBetween(minMs: number, maxMs: number) {
  return z.string().transform((text, context) => {
    const ms = parseDuration(text);
    if (ms !== undefined && ms >= minMs && ms <= maxMs) return ms;
    const range = `from ${formatDuration(minMs)} to ${formatDuration(maxMs)}`;
    context.addIssue(`must be a duration such as 30s, 15m, 1h or 7d, ${range}`);
    return z.NEVER;
  });
}

/** Text that agents or reviewers read: not empty, bounded, nothing hidden in it. */
export function visibleText(maxLength: number) {
  return z
    .string()
    .min(1)
    .max(maxLength)
    .superRefine((text, context) => {
      const hidden = hiddenCharacter(text);
      if (hidden !== undefined) context.addIssue(`the character ${hidden.name} cannot be seen; remove it`);
    });
}
