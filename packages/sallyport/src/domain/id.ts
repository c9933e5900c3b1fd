// Ids of rows and calls are UUIDv7: sortable by time, the same text on every store (RFC 9562 §5.7).
import type { Random } from './random.ts';

/** A new UUIDv7 for the given wall-clock time. */
export function newId(nowMs: number, random: Random): string {
  const bytes = random.bytes(16);
  bytes.writeUIntBE(Math.trunc(nowMs), 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
