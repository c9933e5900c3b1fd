// Where the entry of the writer thread lies, as source and as built.

/** The `workerUrl` of `openEmbeddedStore`. */
export const auditWriterUrl: URL = new URL(
  import.meta.url.endsWith('.ts') ? './writer-worker.ts' : './writer-worker.js',
  import.meta.url,
);
