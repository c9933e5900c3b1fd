// Reads a statement with the server's own grammar: named parameters become numbered ones, and the text that was parsed is sent.
import { parse, scan } from 'libpg-query';

/** A statement as the grammar sees it. */
export interface ParsedStatement {
  /** The text that is sent, with `$1`, `$2`, … for the parameters. */
  readonly text: string;
  /** Names in the order of their numbers, each once. */
  readonly parameters: readonly string[];
  /** The one statement of the parse tree: an object whose only key is its node type. */
  readonly tree: unknown;
}

/** The statement, or everything that is wrong with its text. */
export type ParseOutcome =
  | { readonly ok: true; readonly statement: ParsedStatement }
  | { readonly ok: false; readonly messages: readonly string[] };

const parameterName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Parses one statement. Never throws for what the text says. */
export async function parseStatement(sql: string): Promise<ParseOutcome> {
  try {
    const { text, parameters, numbered } = await numberParameters(sql);
    if (numbered.length > 0) return refused(`write the parameter ${numbered[0]} as :name, after an input`);
    const [first, ...rest] = (await parse(text)).stmts ?? [];
    if (first?.stmt === undefined) return refused('sql is one statement, and there is none');
    if (rest.length > 0) return refused('sql is one statement: nothing may follow it');
    return { ok: true, statement: { text, parameters, tree: first.stmt } };
  } catch (error) {
    // The message quotes the statement, which is the operator's own text.
    return refused(error instanceof Error ? error.message : 'it cannot be parsed');
  }
}

interface Numbered {
  readonly text: string;
  readonly parameters: readonly string[];
  /** Parameters that were written as `$1`. */
  readonly numbered: readonly string[];
}

// By the positions of the scanner's tokens, which are offsets in bytes: what looks like a parameter within a string, a
// quoted name or a comment is none.
async function numberParameters(sql: string): Promise<Numbered> {
  const bytes = Buffer.from(sql);
  const { tokens } = await scan(sql);
  const textOf = (token: { readonly start: number; readonly end: number }) =>
    bytes.toString('utf8', token.start, token.end);
  const parameters: string[] = [];
  const numbered = tokens.filter(({ tokenName }) => tokenName === 'PARAM').map(textOf);
  let text = '';
  let done = 0;
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1];
    if (token.start < done || textOf(token) !== ':' || next === undefined || next.start !== token.end) continue;
    const name = textOf(next);
    if (!parameterName.test(name)) continue;
    if (!parameters.includes(name)) parameters.push(name);
    // Spaces, because `limit:n` would become the name `limit$1`.
    text += `${bytes.toString('utf8', done, token.start)} $${parameters.indexOf(name) + 1} `;
    done = next.end;
  }
  return { text: text + bytes.toString('utf8', done), parameters, numbered };
}

function refused(message: string): ParseOutcome {
  return { ok: false, messages: [message] };
}
