// Requests for approval as operators see them: what waits, and exactly what would be executed, with no credential in it.
import type { CompiledOperation } from '../../catalogue/catalogue.ts';
import type { Approval } from '../../domain/approval.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { parseStrictJson } from '../../domain/strict-json.ts';
import type { AdminContext } from '../admin-context.ts';
import type { ApprovalDetail, ApprovalView } from '../client-shapes.ts';
import type { ReadingContext } from '../reading-context.ts';

// As deep as the front doors let an input be.
const maxInputDepth = 32;

/** Requests for approval as operators see them. */
export async function approvalViews(context: ReadingContext, filter: 'pending' | 'all'): Promise<ApprovalView[]> {
  const listed = await context.approvals.list(filter, context.clock.nowMs());
  return listed.map((approval) => approvalView(context, approval));
}

/** One request with its input. The yes is bound to the input that is kept, to the byte; what is shown of it holds no credential. */
export async function approvalDetail(context: AdminContext, id: string): Promise<ApprovalDetail> {
  const { approval, inputText } = await context.approvals.show(id, context.clock.nowMs());
  const kept = parseStrictJson(inputText, { maxDepth: maxInputDepth, numbers: 'keep' });
  const redactor = await context.redactor();
  const shown = redactor.json(kept);
  const sends = preview(context, approval, inputText);
  const input = shown === kept ? inputText : canonicalJson(shown);
  const clean = sends?.map(({ part, lines }) => ({ part, lines: lines.map((line) => redactor.text(line)) })) ?? null;
  const credential = context.catalogue.operations.get(approval.operation)?.credential?.definition.id ?? null;
  return { ...approvalView(context, approval), input, isRedacted: input !== inputText, credential, sends: clean };
}

// Built as the call would build it, and by the operation that was asked for: of any other it would show something else.
function preview(context: AdminContext, approval: Approval, inputText: string): ApprovalDetail['sends'] {
  const operation = context.catalogue.operations.get(approval.operation);
  if (operation?.digest !== approval.operationDigest) return null;
  const validation = operation.validate(parseStrictJson(inputText, { maxDepth: maxInputDepth, numbers: 'refuse' }));
  if (!validation.ok) return null;
  return operation.plan
    .build(validation.input)
    .preview()
    .map(({ part, lines }) => ({ part, lines: [...lines] }));
}

/** A request for approval as operators see it. */
export function approvalView(context: ReadingContext, approval: Approval): ApprovalView {
  const operation: CompiledOperation | undefined = context.catalogue.operations.get(approval.operation);
  const isSame = operation?.digest === approval.operationDigest && context.config.digest === approval.configDigest;
  return {
    id: approval.id,
    agent: approval.agent,
    operation: approval.operation,
    state: approval.state,
    rule: approval.rule,
    requestedAtMs: approval.requestedAtMs,
    expiresAtMs: approval.expiresAtMs,
    effect: operation?.definition.effect ?? null,
    description: operation?.definition.description ?? null,
    service: operation?.service.id ?? null,
    request: operation?.plan.describe ?? null,
    // Its operation or the config is another one by now: a yes would fit no call any more. What is over cannot go out of date.
    isOutdated: !isSame && (approval.state === 'pending' || approval.state === 'allowed'),
  };
}
