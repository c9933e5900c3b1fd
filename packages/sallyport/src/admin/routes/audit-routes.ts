// The audit for operators: pages of entries, and verification of the whole log.
import { Hono } from 'hono';
import { z } from 'zod';
import { readAudit, readDetails } from '../../audit/read-audit.ts';
import { type VerificationKeys, verifyAudit } from '../../audit/verify-audit.ts';
import { SallyportError } from '../../domain/errors.ts';
import type { AdminContext } from '../admin-context.ts';
import { type AuditQuery, auditQuery } from './audit-query.ts';
import { requestBody } from './request-body.ts';

const erasureShape = z.strictObject({ record: z.number().int().min(0) });
const fromShape = z.coerce.number().int().min(0);

/** `GET /` with after, limit, kind, call, agent, operation, details; `POST /verify`. */
export function auditRoutes(context: AdminContext): Hono {
  const routes = new Hono();
  routes.get('/', async (c) => {
    return c.json({ entries: await page(context, auditQuery(c.req.query())) });
  });
  routes.post('/verify', async (c) => c.json(await verifyAudit(context.store, keysOf(context))));
  routes.get('/key', (c) => c.json({ key: context.evidence.key() }));
  routes.post('/key/renew', async (c) => c.json({ key: await context.evidence.renewKey() }));
  routes.post('/checkpoint', async (c) => c.json(await context.evidence.checkpoint()));
  routes.get('/leaves', async (c) => c.json({ leaves: await leaves(context, c.req.query('from')) }));
  routes.post('/erase', async (c) => {
    const { record } = await requestBody(c, erasureShape);
    await context.evidence.erase(record);
    return c.json({ erased: record });
  });
  return routes;
}

async function leaves(context: AdminContext, from: string | undefined): Promise<readonly string[]> {
  const first = fromShape.safeParse(from);
  if (!first.success) throw new SallyportError('ADMIN_INPUT', 'from is the number of a record');
  return (await context.evidence.leaves(first.data)).map((leaf) => Buffer.from(leaf).toString('base64'));
}

async function page(context: AdminContext, query: AuditQuery): Promise<readonly unknown[]> {
  const { after, limit, kind, call, agent, operation, details } = query;
  const entries = await readAudit(context.store, {
    limit,
    ...(after === undefined ? {} : { after }),
    ...(kind === undefined ? {} : { kinds: [kind] }),
    ...(call === undefined ? {} : { call }),
    ...(agent === undefined ? {} : { agent }),
    ...(operation === undefined ? {} : { operation }),
  });
  if (details === 'false') return entries;
  return await Promise.all(entries.map(async (each) => ({ ...each, details: await detailsOf(context, each.leaf) })));
}

async function detailsOf(context: AdminContext, leaf: number): Promise<unknown> {
  const text = await readDetails(context.store, context.auditDetailsKey, leaf);
  return text === undefined ? null : JSON.parse(text);
}

function keysOf({ evidence, auditDetailsKey }: AdminContext): VerificationKeys {
  return { signerKey: evidence.key(), detailsKey: auditDetailsKey };
}
