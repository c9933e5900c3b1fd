// Joins fields so that no two different lists give the same bytes: what a key or a tag is bound to must be unambiguous.

/** The fields, each after its length as four bytes; text as UTF-8. */
export function lengthPrefixed(fields: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    fields.flatMap((field) => {
      const bytes = typeof field === 'string' ? Buffer.from(field, 'utf8') : field;
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}
