// What an operator reads before a yes: who asks, and all of what would be sent, with nothing in it that the eye could miss.
import type { ApprovalDetail } from '../admin/client-shapes.ts';
import { spelledOut } from '../domain/visible-text.ts';
import { hasOtherForms, mixesScripts } from './lookalikes.ts';
import { when } from './output.ts';

/** A held call as text. */
export function approvalText(detail: ApprovalDetail): readonly string[] {
  return [
    ...part('approval', [`${detail.id}, ${detail.state}, ends ${when(detail.expiresAtMs)}`]),
    ...part('agent', [`${detail.agent}, held by ${detail.rule}`]),
    ...part('operation', [
      `${detail.operation} (${detail.effect ?? 'not in the config any more'}) on ${detail.service ?? '-'}`,
      detail.description ?? '-',
    ]),
    ...part('input', [detail.input]),
    ...(detail.sends ?? []).flatMap(({ part: name, lines }) => part(name, lines)),
    ...warnings(detail),
  ];
}

const labelWidth = 11;

// A line break within a line is one that somebody put into a value: it is written out like everything else that cannot be seen.
function part(name: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, index) => `${(index === 0 ? name : '').padEnd(labelWidth)}${spelledOut(line)}`);
}

// All that an agent chose stands in the input.
function warnings({ input, isOutdated, isRedacted }: ApprovalDetail): readonly string[] {
  return [
    ...(isRedacted
      ? [
          '! the input holds the value of a credential, shown as [redacted]: the agent knows it; renew it at its service',
        ]
      : []),
    ...(spelledOut(input) === input
      ? []
      : ['! the input holds characters that cannot be seen, or spaces in a row; they are written as \\u{…}']),
    ...(mixesScripts(input) ? ['! the input mixes letters of different scripts in one word'] : []),
    ...(hasOtherForms(input)
      ? ['! the input holds other forms of characters (full-width, mathematical and the like)']
      : []),
    ...(isOutdated ? ['! the operation or the config has changed since: a yes would fit no call any more'] : []),
  ];
}
