// What an operator reads before a yes: who asks, and all of what would be sent, with nothing in it that the eye could miss.
import type { ApprovalDetail } from '../admin/client-shapes.ts';
import { spelledOut } from '../domain/visible-text.ts';
import { hasOtherForms, mixesScripts } from './lookalikes.ts';
import { when } from './output.ts';
import { wrapped } from './wrap.ts';

/** A held call as lines of text; `columns` is the width of the terminal that shows them, null where there is none. */
export function approvalText(detail: ApprovalDetail, columns: number | null): readonly string[] {
  const part = (name: string, lines: readonly string[]) => labelled(name, lines, columns);
  return [
    ...part('approval', [`${detail.id}, ${detail.state}, ends ${when(detail.expiresAtMs)}`]),
    ...part('agent', [`${detail.agent}, held by ${detail.rule}`]),
    ...part('operation', [
      `${detail.operation} (${detail.effect ?? 'not in the config any more'}) on ${detail.service ?? '-'}`,
      detail.description ?? '-',
    ]),
    ...part('with', [detail.credential === null ? 'no credential' : `the credential ${detail.credential}`]),
    ...part('input', [detail.input]),
    ...(detail.sends ?? []).flatMap(({ part: name, lines }) => part(name, lines)),
    ...warnings(detail),
    ...part('next', nextSteps(detail)),
  ];
}

const labelWidth = 11;
// Stands in the column of the labels, where nothing of a value ever is.
const continuation = '… '.padStart(labelWidth);
const leastColumns = 20;

// A line break within a line is one that somebody put into a value: it is written out like everything else that cannot be seen.
function labelled(name: string, lines: readonly string[], columns: number | null): readonly string[] {
  return lines.flatMap((line, index) => {
    const label = (index === 0 ? name : '').padEnd(labelWidth);
    const text = spelledOut(line);
    // One column stays free: some terminals go on below as soon as the last one is filled.
    const pieces = columns === null ? [text] : wrapped(text, Math.max(leastColumns, columns - labelWidth - 1));
    return pieces.map((piece, at) => `${at === 0 ? label : continuation}${piece}`);
  });
}

function nextSteps({ id, state, isOutdated }: ApprovalDetail): readonly string[] {
  if (state !== 'pending') return [];
  const refuse = `sallyport approval refuse ${id}`;
  return isOutdated ? [refuse] : [`sallyport approval allow ${id}`, refuse];
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
