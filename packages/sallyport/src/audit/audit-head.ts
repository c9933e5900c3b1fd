// The head of the audit tree as the writer keeps it: how many leaves there are, and the root over them.
import { query } from '../store/query.ts';
import type { Store } from '../store/store.ts';
import { emptyRoot } from './tree.ts';

/** Size and root of the tree. */
export interface AuditHead {
  readonly size: number;
  /** Hex. */
  readonly root: string;
}

/** The current head. @throws SallyportError STORE_FAILED */
export async function auditHead(store: Store): Promise<AuditHead> {
  const [head] = await store.read(query.selectFrom('audit_head').select(['size', 'root']).compile());
  if (head === undefined) return { size: 0, root: emptyRoot().toString('hex') };
  return { size: head.size, root: Buffer.from(head.root).toString('hex') };
}
