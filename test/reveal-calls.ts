// The files of packages/sallyport/src that reveal a secret, and how often: a new one is reviewed before it is written down here.
export const revealCalls: Readonly<Record<string, number>> = {
  // A new agent token, shown once to the operator who made it.
  'admin/routes/agent-routes.ts': 2,
  // The token of the metrics, shown once in the same way.
  'admin/routes/metrics-routes.ts': 1,
  // Entered twice and compared; entered and handed to the vault.
  'cli/ask.ts': 2,
  'cli/commands/credential.ts': 1,
  // Placed into a request.
  'connectors/http-credential.ts': 1,
  // Handed to the driver, which proves that it knows it and never sends it.
  'connectors/postgres-execution.ts': 1,
  // Turned into match tables.
  'pipeline/scrub/patterns.ts': 1,
  // Checked and sealed.
  'vault/check-fields.ts': 2,
  'vault/seal.ts': 1,
  // Stretched into the key of the vault.
  'vault/unlock/passphrase.ts': 2,
};
