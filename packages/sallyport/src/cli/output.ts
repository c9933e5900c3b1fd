// What commands print: text for people, one JSON object for programs; errors on standard error, with what to do next.
import { styleText } from 'node:util';
import { SallyportError } from '../domain/errors.ts';
import type { Notice } from '../domain/notice.ts';
import { Cancelled } from './cancelled.ts';

/** Prints a result: `text` for people, or the object as JSON. */
export function print(isJson: boolean, result: unknown, text: () => string): void {
  process.stdout.write(isJson ? `${JSON.stringify(result)}\n` : `${text()}\n`);
}

/** Says something beside the result; never on standard output. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** A table, or, where it would be empty, what fills it. */
export function tableOr(empty: string, header: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? empty : table(header, rows);
}

/** A table with aligned columns; the first row is the header. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [styleText('bold', line(header), { stream: process.stdout }), ...rows.map(line)].join('\n');
}

/** A notice on one line: `!` before what is to be done, `-` before what is meant so. */
export function noticeLine({ what, remedy }: Notice): string {
  return remedy === null ? `- ${what}` : `! ${what}: ${remedy}`;
}

/** Local date and time, for people; `-` where there is none. To the second: lifetimes may be a minute long. */
export function when(ms: number | null): string {
  if (ms === null) return '-';
  const date = new Date(ms);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}

/** Prints an error, and gives the exit status: 1, 2 for wrong input to the command, 130 for an interrupted prompt. */
export function printError(isJson: boolean, error: unknown): number {
  const known = error instanceof SallyportError ? error : undefined;
  const code = known?.code ?? 'INTERNAL';
  const message = known?.message ?? (error instanceof Error ? error.message : 'unexpected error');
  if (isJson) process.stdout.write(`${JSON.stringify({ error: { code, message } })}\n`);
  else if (error instanceof Cancelled) note(message);
  else note(`${styleText('red', code, { stream: process.stderr })}: ${message}`);
  if (error instanceof Cancelled) return 130;
  return code === 'ADMIN_INPUT' ? 2 : 1;
}
