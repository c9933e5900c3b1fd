// The conditions of the indexes over the leaves, written out: with bound values an index that leaves rows out is not used.
import { type RawBuilder, type SqlBool, sql } from 'kysely';

/** Holds for a leaf that is not one of the two records of a call: those are found by kind and by subject. */
export const isNotOfCall: RawBuilder<SqlBool> = sql`kind <> 'call.intent' and kind <> 'call.outcome'`;

/** Holds for the first record of a call: those are found by time. */
export const isIntent: RawBuilder<SqlBool> = sql`kind = 'call.intent'`;
