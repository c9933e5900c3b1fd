// Every error that leaves a part of Sallyport has a code from this closed table, a safe message, and a cause for the operator.

/** Whose fault a refusal is. */
export type Fault = 'caller' | 'upstream' | 'sallyport' | 'operator';

interface CodeFacts {
  /** HTTP status at the tools API. */
  readonly status: number;
  readonly fault: Fault;
}

const table = {
  // Requests, before anything is decided
  REQUEST_NOT_FOUND: { status: 404, fault: 'caller' },
  REQUEST_METHOD: { status: 405, fault: 'caller' },
  REQUEST_TOO_LARGE: { status: 413, fault: 'caller' },
  REQUEST_TIMEOUT: { status: 408, fault: 'caller' },
  REQUEST_CONTENT_TYPE: { status: 415, fault: 'caller' },
  REQUEST_ACCEPT: { status: 406, fault: 'caller' },
  REQUEST_MALFORMED: { status: 400, fault: 'caller' },
  REQUEST_JSON: { status: 400, fault: 'caller' },
  REQUEST_JSON_DUPLICATE_KEY: { status: 400, fault: 'caller' },
  REQUEST_JSON_NUMBER: { status: 400, fault: 'caller' },
  REQUEST_JSON_DEPTH: { status: 400, fault: 'caller' },
  REQUEST_JSON_TEXT: { status: 400, fault: 'caller' },
  REQUEST_HOST: { status: 421, fault: 'caller' },
  REQUEST_ORIGIN: { status: 403, fault: 'caller' },
  REQUEST_HEADER_MISMATCH: { status: 400, fault: 'caller' },
  REQUEST_VERSION: { status: 400, fault: 'caller' },
  REQUEST_PARAMS: { status: 400, fault: 'caller' },
  // Who calls
  TOKEN_MISSING: { status: 401, fault: 'caller' },
  TOKEN_MALFORMED: { status: 401, fault: 'caller' },
  TOKEN_UNKNOWN: { status: 401, fault: 'caller' },
  TOKEN_EXPIRED: { status: 401, fault: 'operator' },
  SESSION_REVOKED: { status: 403, fault: 'operator' },
  // What is called, with what
  OPERATION_NOT_AVAILABLE: { status: 404, fault: 'caller' },
  INPUT_INVALID: { status: 422, fault: 'caller' },
  INPUT_UNSAFE: { status: 422, fault: 'caller' },
  CALL_DENIED: { status: 403, fault: 'caller' },
  CALL_RATE_EXCEEDED: { status: 429, fault: 'caller' },
  CALL_NEEDS_APPROVAL: { status: 202, fault: 'operator' },
  CALL_DECLINED: { status: 409, fault: 'caller' },
  APPROVAL_REFUSED: { status: 403, fault: 'operator' },
  APPROVAL_UNAVAILABLE: { status: 403, fault: 'operator' },
  APPROVAL_QUEUE_FULL: { status: 429, fault: 'caller' },
  APPROVAL_UNKNOWN: { status: 404, fault: 'caller' },
  IDEMPOTENCY_KEY_MALFORMED: { status: 400, fault: 'caller' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, fault: 'caller' },
  IDEMPOTENCY_IN_PROGRESS: { status: 409, fault: 'caller' },
  // The credential
  CREDENTIAL_MISSING: { status: 503, fault: 'operator' },
  CREDENTIAL_EXPIRED: { status: 503, fault: 'operator' },
  CREDENTIAL_TARGET_CHANGED: { status: 503, fault: 'operator' },
  CREDENTIAL_WEAK: { status: 503, fault: 'operator' },
  CREDENTIAL_UNKNOWN: { status: 404, fault: 'operator' },
  CREDENTIAL_VALUE: { status: 422, fault: 'operator' },
  PERMIT_INVALID: { status: 500, fault: 'sallyport' },
  // The service
  ADDRESS_REFUSED: { status: 502, fault: 'operator' },
  UPSTREAM_UNREACHABLE: { status: 502, fault: 'upstream' },
  UPSTREAM_IDENTITY: { status: 502, fault: 'upstream' },
  UPSTREAM_TIMEOUT: { status: 504, fault: 'upstream' },
  UPSTREAM_INDETERMINATE: { status: 502, fault: 'upstream' },
  UPSTREAM_REDIRECT: { status: 502, fault: 'upstream' },
  UPSTREAM_REFUSED: { status: 502, fault: 'upstream' },
  UPSTREAM_REFUSED_CREDENTIAL: { status: 502, fault: 'operator' },
  UPSTREAM_REPLY_TOO_LARGE: { status: 502, fault: 'upstream' },
  UPSTREAM_REPLY_UNREADABLE: { status: 502, fault: 'upstream' },
  STATEMENT_FAILED: { status: 502, fault: 'upstream' },
  // Sallyport itself
  CALL_CUT: { status: 503, fault: 'sallyport' },
  SHUTTING_DOWN: { status: 503, fault: 'sallyport' },
  OVERLOADED: { status: 503, fault: 'sallyport' },
  AUDIT_UNAVAILABLE: { status: 503, fault: 'sallyport' },
  AUDIT_INVALID: { status: 500, fault: 'sallyport' },
  INTERNAL: { status: 500, fault: 'sallyport' },
  // Operating it
  CONFIG_INVALID: { status: 422, fault: 'operator' },
  ADMIN_INPUT: { status: 422, fault: 'operator' },
  AGENT_UNKNOWN: { status: 404, fault: 'operator' },
  STATE_LOCKED: { status: 409, fault: 'operator' },
  STATE_UNSAFE: { status: 500, fault: 'operator' },
  STORE_CONFLICT: { status: 409, fault: 'sallyport' },
  STORE_FAILED: { status: 503, fault: 'sallyport' },
  SERVER_NOT_RUNNING: { status: 503, fault: 'operator' },
  UNLOCK_FAILED: { status: 401, fault: 'operator' },
  VAULT_TAMPERED: { status: 500, fault: 'operator' },
} as const satisfies Readonly<Record<string, CodeFacts>>;

/** Every code that Sallyport answers with. */
export type ErrorCode = keyof typeof table;

/** The whole table, for `docs/errors.md` and for front doors. */
export const errorCodes: Readonly<Record<ErrorCode, CodeFacts>> = table;

/** An error with a stable code; the message is safe for agents, the cause is for operators only. */
export class SallyportError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'SallyportError';
    this.code = code;
  }

  get status(): number {
    return table[this.code].status;
  }

  get fault(): Fault {
    return table[this.code].fault;
  }
}
