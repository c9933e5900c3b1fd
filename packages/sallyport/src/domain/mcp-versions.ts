// The revisions of the Model Context Protocol that are spoken here, and how the handshake of the older ones picks one.

/** The stateless revision: every request says in its `_meta` which version it speaks. */
export const modernMcpVersion = '2026-07-28';

/** The revisions that begin with a handshake, newest first. */
export const legacyMcpVersions: readonly string[] = ['2025-11-25', '2025-06-18'];

/** All of them, newest first. */
export const mcpVersions: readonly string[] = [modernMcpVersion, ...legacyMcpVersions];

/**
 * The version that a handshake ends with: the one asked for, or the newest of its era for a client that knows newer ones;
 * undefined for clients that are older than what is served, and for what is no version.
 */
export function negotiatedMcpVersion(requested: unknown): string | undefined {
  if (typeof requested !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(requested)) return undefined;
  if (legacyMcpVersions.includes(requested)) return requested;
  const [newest = ''] = legacyMcpVersions;
  // Dates of this form sort as text.
  return requested > newest ? newest : undefined;
}
