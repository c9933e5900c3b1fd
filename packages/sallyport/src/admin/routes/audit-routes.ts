// The audit for operators: pages of entries, and verification of the whole log.
import { Hono } from 'hono';
import { z } from 'zod';
import type { StoredEntry } from '../../audit/parse-entry.ts';
import { readAudit, readDetails } from '../../audit/read-audit.ts';
import { type VerificationKeys, verifyAudit } from '../../audit/verify-audit.ts';
import { SallyportError } from '../../domain/errors.ts';
import type { Store } from '../../store/store.ts';
import type { AdminContext } from '../admin-context.ts';
import { type AuditQuery, auditQuery } from './audit-query.ts';
import { requestBody } from './request-body.ts';

const erasureShape = z.strictObject({ record: z.number().int().min(0) });
const fromShape = z.coerce.number().int().min(0);

/** `GET /details` with a filter, `POST /verify`, `GET|POST` of key, checkpoint and leaves, `POST /erase`. */
export function auditRoutes(context: AdminContext): Hono {
  const routes = new Hono();
  routes.get('/details', async (c) => {
    const entries = await auditPage(context.store, auditQuery(c.req.query()));
    return c.json({ entries: await Promise.all(entries.map((each) => withDetails(context, each))) });
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

/** The records that fit a filter, without their details. */
export async function auditPage(store: Store, query: AuditQuery): Promise<readonly StoredEntry[]> {
  const { after, limit, kind, call, agent, operation } = query;
  return await readAudit(store, {
    limit,
    ...(after === undefined ? {} : { after }),
    ...(kind === undefined ? {} : { kinds: [kind] }),
    ...(call === undefined ? {} : { call }),
    ...(agent === undefined ? {} : { agent }),
    ...(operation === undefined ? {} : { operation }),
  });
}

async function withDetails(
  context: AdminContext,
  entry: StoredEntry,
): Promise<StoredEntry & { readonly details: unknown }> {
  return { ...entry, details: await detailsOf(context, entry.leaf) };
}

async function detailsOf(context: AdminContext, leaf: number): Promise<unknown> {
  const text = await readDetails(context.store, context.auditDetailsKey, leaf);
  return text === undefined ? null : JSON.parse(text);
}

function keysOf({ evidence, auditDetailsKey }: AdminContext): VerificationKeys {
  return { signerKey: evidence.key(), detailsKey: auditDetailsKey };
}
