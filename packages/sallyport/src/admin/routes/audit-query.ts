// Which records an operator asks for. What does not fit is answered with what was given and what may be given.
import { z } from 'zod';
import { auditKinds } from '../../domain/audit-entry.ts';
import { SallyportError } from '../../domain/errors.ts';

const maxPage = 1000;

const queryShape = z.strictObject({
  after: z.coerce.number().int().min(-1).optional(),
  limit: z.coerce.number().int().min(1).max(maxPage).default(50),
  kind: z.enum(auditKinds).optional(),
  call: z.string().optional(),
  agent: z.string().optional(),
  operation: z.string().optional(),
});

/** A filter of the audit. */
export type AuditQuery = z.infer<typeof queryShape>;

const allowed: Readonly<Record<string, string>> = {
  after: 'the number of a record, as `audit show` prints it',
  limit: `a whole number from 1 to ${maxPage}`,
  kind: `one of ${auditKinds.join(', ')}`,
};

/**
 * The filter in the query of a request.
 * @throws SallyportError ADMIN_INPUT naming each filter that does not fit and what it may be; never what was given, which may be a
 * value that somebody pasted
 */
export function auditQuery(given: Readonly<Record<string, string>>): AuditQuery {
  const parsed = queryShape.safeParse(given);
  if (parsed.success) return parsed.data;
  const wrong = new Set(parsed.error.issues.flatMap((issue) => issue.path.map(String)));
  const misfits = [...wrong].map((key) => `${key} must be ${allowed[key] ?? 'left out'}`);
  const names = Object.keys(queryShape.shape).join(', ');
  throw new SallyportError(
    'ADMIN_INPUT',
    misfits.join('; ') || `the audit is filtered by ${names}, and by nothing else`,
  );
}
