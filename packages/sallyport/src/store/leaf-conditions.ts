// The condition of the indexes over the leaves, written out: with bound values an index that leaves rows out is not used.
import { type RawBuilder, type SqlBool, sql } from 'kysely';

/** Holds for a leaf that is not one of the two records of a call: those are found by kind and by subject. */
export const isNotOfCall: RawBuilder<SqlBool> = sql`kind <> 'call.intent' and kind <> 'call.outcome'`;
