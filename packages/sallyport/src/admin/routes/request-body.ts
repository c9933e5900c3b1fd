// Parses the body of a management request once, at the edge, by a strict schema.
import type { Context } from 'hono';
import type { z } from 'zod';
import { SallyportError } from '../../domain/errors.ts';

/** The request's body as the schema describes it. @throws SallyportError ADMIN_INPUT, without repeating any value */
export async function requestBody<T>(context: Context, schema: z.ZodType<T>): Promise<T> {
  const body: unknown = await context.req.json().catch(() => undefined);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map((issue) => issue.path.join('.') || 'body').join(', ');
  throw new SallyportError('ADMIN_INPUT', `the request does not have the expected shape: ${places}`);
}
