// What a model is told about this server before it calls anything.

/** The instructions that both eras give to clients. */
export const instructions =
  'Every tool is an approved operation. Credentials are placed by the proxy: never ask for, send or expect one.';
