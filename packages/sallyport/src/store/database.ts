// All tables by name, for the query builder.
import type { AgentTokenTable } from './tables/agent-token.ts';
import type { ApprovalTable } from './tables/approval.ts';
import type { AuditCheckpointTable } from './tables/audit-checkpoint.ts';
import type { AuditDetailTable } from './tables/audit-detail.ts';
import type { AuditHeadTable } from './tables/audit-head.ts';
import type { AuditLeafTable } from './tables/audit-leaf.ts';
import type { AuditSignerTable } from './tables/audit-signer.ts';
import type { AuditTimeTable } from './tables/audit-time.ts';
import type { CredentialVersionTable } from './tables/credential-version.ts';
import type { IdempotencyTable } from './tables/idempotency.ts';
import type { MetaTable } from './tables/meta.ts';
import type { SessionTable } from './tables/session.ts';
import type { VaultKekTable } from './tables/vault-kek.ts';
import type { VaultRootTable } from './tables/vault-root.ts';

/** The tables of every store. */
export interface Database {
  readonly vault_root: VaultRootTable;
  readonly vault_kek: VaultKekTable;
  readonly credential_version: CredentialVersionTable;
  readonly agent_token: AgentTokenTable;
  readonly session: SessionTable;
  readonly audit_leaf: AuditLeafTable;
  readonly audit_detail: AuditDetailTable;
  readonly audit_head: AuditHeadTable;
  readonly audit_signer: AuditSignerTable;
  readonly audit_checkpoint: AuditCheckpointTable;
  readonly audit_time: AuditTimeTable;
  readonly approval: ApprovalTable;
  readonly idempotency: IdempotencyTable;
  readonly meta: MetaTable;
}
