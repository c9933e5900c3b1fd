// Refusals before authentication are counted for each window, not written one by one: whoever knocks must not fill the disk.
import type { Clock } from '../domain/clock.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { AuditLog } from './audit-log.ts';

/** Counts refusals at the doors. */
export interface DoorCounter {
  /** Counts one refusal; free of I/O but for the first of a new window. */
  count(code: ErrorCode): void;
  /** Writes what has been counted, when there is something. @throws SallyportError AUDIT_UNAVAILABLE (the counts are kept) */
  flush(): Promise<void>;
}

const windowMs = 60_000;

/** A counter with one `door.unauthenticated` record for each window of 60 s that saw a refusal. */
export function createDoorCounter({ audit, clock }: { readonly audit: AuditLog; readonly clock: Clock }): DoorCounter {
  const counts = new Map<ErrorCode, number>();
  let fromMs = 0;
  async function flush(): Promise<void> {
    if (counts.size === 0) return;
    const counted = [...counts];
    const startMs = fromMs;
    counts.clear();
    try {
      const entry = { at: clock.nowMs(), fromMs: startMs, counts: Object.fromEntries(counted) };
      await audit.record({ kind: 'door.unauthenticated', ...entry });
    } catch (error) {
      for (const [code, count] of counted) counts.set(code, (counts.get(code) ?? 0) + count);
      fromMs = startMs;
      throw error;
    }
  }
  return {
    count: (code) => {
      const nowMs = clock.nowMs();
      if (counts.size > 0 && nowMs - fromMs >= windowMs) {
        // What cannot be written stays counted, and the flush of the next minute reports the failure.
        flush().catch(() => undefined);
      }
      if (counts.size === 0) fromMs = nowMs;
      counts.set(code, (counts.get(code) ?? 0) + 1);
    },
    flush,
  };
}
