// The messages of the extended query protocol that a batch is made of, written as one buffer: one round trip, one packet.

/** A statement with its values, and how many rows of its result are wanted. */
export interface BatchStep {
  readonly sql: string;
  readonly values: readonly (string | null)[];
  /** 0 where the result is not looked at. */
  readonly maxRows: number;
}

/** All steps and one Sync: after an error the server skips the rest, COMMIT included. */
export function batchMessages(steps: readonly BatchStep[]): Buffer {
  return Buffer.concat([...steps.flatMap(stepMessages), message('S', [])]);
}

function stepMessages({ sql, values, maxRows }: BatchStep): readonly Buffer[] {
  return [
    // No types: the server infers them. No name: nothing is left in the session, or in a pooler between.
    message('P', [text(''), text(sql), int16(0)]),
    message('B', [text(''), text(''), int16(0), int16(values.length), ...values.map(value), int16(0)]),
    ...(maxRows === 0 ? [] : [message('D', [Buffer.from('P'), text('')])]),
    message('E', [text(''), int32(maxRows)]),
  ];
}

function message(type: string, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function value(content: string | null): Buffer {
  if (content === null) return int32(-1);
  const bytes = Buffer.from(content);
  return Buffer.concat([int32(bytes.length), bytes]);
}

function text(content: string): Buffer {
  return Buffer.from(`${content}\0`);
}

function int16(number: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(number);
  return bytes;
}

function int32(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(number);
  return bytes;
}
