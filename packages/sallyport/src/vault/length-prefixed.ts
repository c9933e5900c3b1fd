// Joins fields so that no two different lists give the same bytes: what a key or a tag is bound to must be unambiguous.

/** The fields, each after its length as four bytes; text as UTF-8. */
export function lengthPrefixed(fields: readonly (string | Uint8Array)[]): Buffer {
  const lengths = fields.map((field) => (typeof field === 'string' ? Buffer.byteLength(field, 'utf8') : field.length));
  const joined = Buffer.alloc(lengths.reduce((sum, length) => sum + 4 + length, 0));
  let at = 0;
  for (const [index, field] of fields.entries()) {
    at = joined.writeUInt32BE(lengths[index] ?? 0, at);
    if (typeof field === 'string') at += joined.write(field, at, 'utf8');
    else {
      joined.set(field, at);
      at += field.length;
    }
  }
  return joined;
}
