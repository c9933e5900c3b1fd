// The audit for operators: pages of entries, and verification of the whole log.
import { Hono } from 'hono';
import { z } from 'zod';
import type { StoredEntry } from '../../audit/parse-entry.ts';
import { readAudit, readDetails } from '../../audit/read-audit.ts';
import { type VerificationKeys, verifyAudit } from '../../audit/verify-audit.ts';
import { suggestion } from '../../config/nearest-name.ts';
import { SallyportError } from '../../domain/errors.ts';
import type { AdminContext } from '../admin-context.ts';
import type { ReadingContext } from '../reading-context.ts';
import { type AuditQuery, auditQuery } from './audit-query.ts';
import { requestBody } from './request-body.ts';

const erasureShape = z.strictObject({ record: z.number().int().min(0) });
const fromShape = z.coerce.number().int().min(0);

/** `GET /details` with a filter, `POST /verify`, `GET|POST` of key, checkpoint and leaves, `POST /erase`. */
export function auditRoutes(context: AdminContext): Hono {
  const routes = new Hono();
  routes.get('/details', async (c) => {
    const { entries, ...hint } = await auditPage(context, auditQuery(c.req.query()));
    return c.json({ entries: await Promise.all(entries.map((each) => withDetails(context, each))), ...hint });
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

interface Page {
  readonly entries: readonly StoredEntry[];
  readonly hint?: string;
}

/** The records that fit a filter, without their details; where there is none, what the config knows of the names in it. */
export async function auditPage(context: ReadingContext, query: AuditQuery): Promise<Page> {
  const { after, limit, kind, call, agent, operation } = query;
  const entries = await readAudit(context.store, {
    limit,
    ...(after === undefined ? {} : { after }),
    ...(kind === undefined ? {} : { kinds: [kind] }),
    ...(call === undefined ? {} : { call }),
    ...(agent === undefined ? {} : { agent }),
    ...(operation === undefined ? {} : { operation }),
  });
  const hint =
    entries.length > 0
      ? ''
      : (unknownName('agent', agent, context.config.agents.keys()) ??
        unknownName('operation', operation, context.config.operations.keys()) ??
        '');
  return hint === '' ? { entries } : { entries, hint };
}

// What was asked for is not repeated: it may be anything that somebody pasted.
function unknownName(what: string, name: string | undefined, known: Iterable<string>): string | undefined {
  const names = [...known];
  if (name === undefined || names.includes(name)) return undefined;
  return `the config has no such ${what}${suggestion(name, names)}`;
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
