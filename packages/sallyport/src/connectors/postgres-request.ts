// A statement of the config with the values of one call; only this connector looks inside.
import type { PlannedRequest, RequestPart } from './connector.ts';
import type { ParsedStatement } from './postgres-grammar.ts';

/** A statement with its values, in the order of its parameters. */
export class PostgresPlannedRequest implements PlannedRequest {
  readonly values: readonly (string | null)[];
  readonly bytes: number;
  readonly #statement: ParsedStatement;

  constructor(statement: ParsedStatement, values: readonly (string | null)[]) {
    this.values = values;
    this.#statement = statement;
    this.bytes = values.reduce((sum, value) => sum + Buffer.byteLength(value ?? ''), Buffer.byteLength(statement.text));
  }

  preview(): readonly RequestPart[] {
    const { text, parameters } = this.#statement;
    // Every value is bound as a text, whose type the server infers; without quotes stands null.
    const values = parameters.map((name, index) => `$${index + 1}, :${name} = ${JSON.stringify(this.values[index])}`);
    return [
      { part: 'statement', lines: text.trim().split('\n') },
      ...(values.length === 0 ? [] : [{ part: 'values', lines: values }]),
    ];
  }
}
