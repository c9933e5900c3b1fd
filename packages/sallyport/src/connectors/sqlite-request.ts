// A statement of the config with the values of one call; only this connector looks inside.
import type { PlannedRequest, RequestPart } from './connector.ts';
import type { BoundValue } from './sqlite-protocol.ts';

/** A statement with its values. */
export class SqlitePlannedRequest implements PlannedRequest {
  readonly sql: string;
  readonly values: Readonly<Record<string, BoundValue>>;
  readonly bytes: number;

  constructor(sql: string, values: Readonly<Record<string, BoundValue>>) {
    this.sql = sql;
    this.values = values;
    this.bytes = Object.values(values).reduce<number>(
      (sum, value) => sum + Buffer.byteLength(String(value)),
      Buffer.byteLength(sql),
    );
  }

  preview(): readonly RequestPart[] {
    const values = Object.entries(this.values).map(([name, value]) => `:${name} = ${literal(value)}`);
    return [
      { part: 'statement', lines: this.sql.trim().split('\n') },
      ...(values.length === 0 ? [] : [{ part: 'values', lines: values }]),
    ];
  }
}

// Text in quotes, everything else without: `"1"` and `1` are bound as different types.
function literal(value: BoundValue): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
