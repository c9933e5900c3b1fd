// How agents see their own requests for approval, at every door.
import type { PendingApproval } from '../domain/approval.ts';

/** A request for approval as agents see it; times are RFC 3339. */
export function approvalMembers({ id, state, expiresAtMs }: PendingApproval) {
  return { id, state, expiresAt: new Date(expiresAtMs).toISOString(), status: `/v1/approvals/${id}` };
}
