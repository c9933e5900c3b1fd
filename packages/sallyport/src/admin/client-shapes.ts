// The shapes that the management API answers with, shared by the API, the command line and later the console.
import { z } from 'zod';

/** A credential as operators see it; holds no value. */
export const credentialShape = z.object({
  id: z.string(),
  kind: z.string(),
  service: z.string().nullable(),
  target: z.string().nullable(),
  maxLifetimeMs: z.number().nullable(),
  version: z.number().nullable(),
  addedAtMs: z.number().nullable(),
  dueAtMs: z.number().nullable(),
  isWeak: z.boolean(),
  /** `undeclared`: in the vault, but no longer in the config. */
  state: z.enum(['ready', 'missing', 'unreadable', 'expired', 'target-changed', 'undeclared']),
});
/** A credential as operators see it. */
export type CredentialView = z.infer<typeof credentialShape>;

/** An agent as operators see it; holds no token. */
const agentShape = z.object({
  id: z.string(),
  isDeclared: z.boolean(),
  /** Whether programs of this user may be this agent through the agents' socket, without a token. */
  isLocal: z.boolean(),
  operations: z.number(),
  tokenCreatedAtMs: z.number().nullable(),
  tokenDueAtMs: z.number().nullable(),
  state: z.enum(['ready', 'no-token', 'token-expired', 'revoked', 'undeclared']),
  /** The session that is open, or was revoked and holds the agent back. */
  session: z.string().nullable(),
  sessionState: z.enum(['open', 'revoked']).nullable(),
  sessionEndsAtMs: z.number().nullable(),
});
/** An agent as operators see it. */
export type AgentView = z.infer<typeof agentShape>;

/** A session as operators see it. */
export const sessionShape = z.object({
  id: z.string(),
  agent: z.string(),
  openedAtMs: z.number(),
  expiresAtMs: z.number(),
  openedBy: z.string(),
  state: z.enum(['open', 'revoked']),
});
/** A session as operators see it. */
export type SessionView = z.infer<typeof sessionShape>;

/** A decision explained, with the line of the config that made it. */
export const explanationShape = z.object({
  verdict: z.enum(['allow', 'hold', 'deny', 'invalid-input']),
  reason: z.string().nullable(),
  rule: z.object({ path: z.string(), file: z.string(), line: z.number() }).nullable(),
  /** The code that the agent would get, or `the reply`. */
  agentSees: z.string(),
  issues: z.array(z.object({ pointer: z.string(), rule: z.string() })),
  /** What refuses the call whatever is decided, in the order in which it is met: token, session, credential. */
  obstacles: z.array(z.object({ code: z.string(), what: z.string(), remedy: z.string().nullable() })),
});
/** A decision explained. */
export type Explanation = z.infer<typeof explanationShape>;

/** A request for approval as operators see it. */
const approvalShape = z.object({
  id: z.string(),
  agent: z.string(),
  operation: z.string(),
  state: z.enum(['pending', 'allowed', 'refused', 'used', 'expired']),
  rule: z.string(),
  requestedAtMs: z.number(),
  expiresAtMs: z.number(),
  effect: z.string().nullable(),
  description: z.string().nullable(),
  service: z.string().nullable(),
  request: z.string().nullable(),
  isOutdated: z.boolean(),
});
/** A request for approval as operators see it. */
export type ApprovalView = z.infer<typeof approvalShape>;

/** What an operator should know, and do; `remedy` is null where nothing is to be done. */
const noticeShape = z.object({ what: z.string(), remedy: z.string().nullable() });

/** The whole installation at a glance. */
export const statusShape = z.object({
  server: z.object({ processId: z.number(), startedAtMs: z.number(), url: z.string() }).nullable(),
  level: z.object({ level: z.string(), meaning: z.string() }),
  config: z.object({ file: z.string(), digest: z.string() }),
  stateDirectory: z.string(),
  /** Null before there is a vault. */
  unlockSource: z.string().nullable(),
  operations: z.number(),
  credentials: z.array(credentialShape),
  agents: z.array(agentShape),
  /** Calls that wait for a decision. */
  approvals: z.array(approvalShape),
  audit: z.object({ size: z.number(), root: z.string() }),
  notices: z.array(noticeShape),
});
/** The whole installation at a glance. */
export type Status = z.infer<typeof statusShape>;

/** A page of the audit log. */
export const auditPageShape = z.object({
  entries: z.array(
    z.object({ leaf: z.number(), entry: z.record(z.string(), z.unknown()), details: z.unknown().optional() }),
  ),
  /** Why no record matches, where the config knows. */
  hint: z.string().optional(),
});
/** A page of the audit log. */
export type AuditPage = z.infer<typeof auditPageShape>;

/** What verification found. */
export const verificationShape = z.object({
  ok: z.boolean(),
  size: z.number(),
  root: z.string(),
  intents: z.number(),
  /** Intents without an outcome that are no problem: calls under way, or those that the next start closes. */
  open: z.number(),
  outcomes: z.number(),
  refused: z.number(),
  problems: z.array(z.object({ leaf: z.number().nullable(), what: z.string() })),
});

/** All credentials. */
export const credentialListShape = z.object({ credentials: z.array(credentialShape) });

/** A rebind that waits for a yes: what goes where now, and where it would go. */
export const rebindShape = z.object({
  version: z.number(),
  from: z.string(),
  to: z.string(),
  dueAtMs: z.number().nullable(),
});

/** The versions of a credential, and everything that was done with it. */
export const credentialHistoryShape = z.object({
  versions: z.array(
    z.object({
      version: z.number(),
      state: z.enum(['current', 'retired']),
      target: z.string(),
      addedAtMs: z.number(),
      isWeak: z.boolean(),
    }),
  ),
  records: z.array(
    z.object({ leaf: z.number(), atMs: z.number(), kind: z.string(), facts: z.record(z.string(), z.unknown()) }),
  ),
});
/** The versions of a credential, and everything that was done with it. */
export type CredentialHistory = z.infer<typeof credentialHistoryShape>;

/** The fields that a credential's kind has, and where a value would go. */
export const credentialFieldsShape = z.object({
  fields: z.array(z.object({ name: z.string(), secret: z.boolean() })),
  service: z.string(),
  target: z.string(),
});
/** The fields that a credential's kind has, and where a value would go. */
export type CredentialFields = z.infer<typeof credentialFieldsShape>;

/** What was removed. */
export const removedShape = z.object({ removed: z.string() });

/** What was revoked. */
export const revokedShape = z.object({ revoked: z.string() });

/** All agents. */
export const agentListShape = z.object({ agents: z.array(agentShape) });

/** A new token: the only answer that holds one; and where and how it is used. */
export const tokenShape = z.object({ token: z.string(), url: z.string(), isLocal: z.boolean() });

/** The new token of the metrics. */
export const metricsTokenShape = z.object({ token: z.string() });

/** All sessions. */
export const sessionListShape = z.object({ sessions: z.array(sessionShape) });

/** What verification found. */
export type Verification = z.infer<typeof verificationShape>;

/** The public key that signs the audit. */
export const keyShape = z.object({ key: z.string() });

/** A signed checkpoint. */
export const checkpointShape = z.object({ note: z.string(), size: z.number() });

/** Leaves of the audit, base64. */
export const leavesShape = z.object({ leaves: z.array(z.string()) });

/** The config that is in force. */
export const configShape = z.object({ file: z.string() });

/** What a reload did. */
export const reloadedShape = z.object({ digest: z.string(), isChanged: z.boolean(), notices: z.array(noticeShape) });

/** The record whose details were erased. */
export const erasedShape = z.object({ erased: z.number() });

/** All requests. */
export const approvalListShape = z.object({ approvals: z.array(approvalShape) });

/** A request after a decision. */
export const approvalDecisionShape = approvalShape;

/** A request with its input as canonical JSON, and what would be sent; null when the operation is another one by now. */
export const approvalDetailShape = approvalShape.extend({
  input: z.string(),
  /** The credential that goes along; null where the service has none, or the operation is not in the config any more. */
  credential: z.string().nullable(),
  /** The input holds a credential of the vault, and what is shown here does not. */
  isRedacted: z.boolean(),
  sends: z.array(z.object({ part: z.string(), lines: z.array(z.string()) })).nullable(),
});
/** A request with its input. */
export type ApprovalDetail = z.infer<typeof approvalDetailShape>;
