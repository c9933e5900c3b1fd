// The list of migrations, in order; a new one is a file and a line here.
import { firstTables } from './001-first-tables.ts';
import { auditSigners } from './002-audit-signers.ts';
import { approvals } from './003-approvals.ts';
import { approvalProofs } from './004-approval-proofs.ts';
import { openCalls } from './005-open-calls.ts';
import type { Migration } from './migration.ts';

/** Every migration that this version knows, by ascending number. */
export const migrations: readonly Migration[] = [firstTables, auditSigners, approvals, approvalProofs, openCalls];
