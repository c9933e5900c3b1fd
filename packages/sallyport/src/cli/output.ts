// What commands print: text for people, one JSON object for programs; errors on standard error, with what to do next. All of it goes
// through here, and no character that is hidden gets out: a row may have been changed, and some of what is in it agents chose.
import { styleText } from 'node:util';
import { SallyportError } from '../domain/errors.ts';
import { localTime } from '../domain/local-time.ts';
import type { Notice } from '../domain/notice.ts';
import { spelledOut, visible, visibleJson } from '../domain/visible-text.ts';
import { Cancelled } from './cancelled.ts';

/** A part of a line in a style of its own. */
export interface Styled {
  readonly style: 'bold' | 'red' | 'yellow' | 'green';
  readonly text: string;
}

/** A line of text, in parts where a part has a style; a line break in it is one that data brought along. */
export type Line = string | readonly (string | Styled)[];

/** Prints a result: text for people, in lines, or the object as JSON. */
export function print(isJson: boolean, result: unknown, text: () => string | readonly Line[]): void {
  process.stdout.write(isJson ? jsonText(result) : linesText([text()].flat(), process.stdout));
}

/** Says something beside the result; never on standard output. */
export function note(...lines: readonly Line[]): void {
  process.stderr.write(linesText(lines, process.stderr));
}

/** How wide the terminal of standard output is; null where there is none, or where it does not say. */
export function terminalColumns(): number | null {
  return process.stdout.isTTY && process.stdout.columns > 0 ? process.stdout.columns : null;
}

/** Lines as they are written: what cannot be seen is spelled out, and styles come after that. */
export function linesText(lines: readonly Line[], stream: NodeJS.WriteStream): string {
  const part = (each: string | Styled): string =>
    typeof each === 'string' ? visible(each) : styleText(each.style, visible(each.text), { stream });
  return lines.map((line) => `${typeof line === 'string' ? part(line) : line.map(part).join('')}\n`).join('');
}

/** An object as one line of JSON, which people read as well. */
export function jsonText(result: unknown): string {
  return `${visibleJson(JSON.stringify(result))}\n`;
}

/** A table, or, where it would be empty, what fills it. */
export function tableOr(
  empty: string,
  header: readonly string[],
  rows: readonly (readonly string[])[],
): readonly Line[] {
  return rows.length === 0 ? [empty] : table(header, rows);
}

/** A table with aligned columns; the first row is the header. A cell is a value: it cannot look like two, or like a row. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): readonly Line[] {
  const cells = rows.map((row) => row.map(spelledOut));
  const all = [header, ...cells];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [[{ style: 'bold', text: line(header) }], ...cells.map(line)];
}

/** A notice on one line: `!` before what is to be done, `-` before what is meant so. */
export function noticeLine({ what, remedy }: Notice): string {
  return remedy === null ? `- ${what}` : `! ${what}: ${remedy}`;
}

/** Local date and time, for people; `-` where there is none. */
export function when(ms: number | null): string {
  return ms === null ? '-' : localTime(ms);
}

/** Prints an error, and gives the exit status: 1, 2 for wrong input to the command, 130 for an interrupted prompt. */
export function printError(isJson: boolean, error: unknown): number {
  const known = error instanceof SallyportError ? error : undefined;
  const code = known?.code ?? 'INTERNAL';
  const message = known?.message ?? (error instanceof Error ? error.message : 'unexpected error');
  if (isJson) process.stdout.write(jsonText({ error: { code, message } }));
  else if (error instanceof Cancelled) note(message);
  else {
    const [first = '', ...others] = message.split('\n');
    note([{ style: 'red', text: code }, `: ${first}`], ...others);
  }
  if (error instanceof Cancelled) return 130;
  return code === 'ADMIN_INPUT' ? 2 : 1;
}
