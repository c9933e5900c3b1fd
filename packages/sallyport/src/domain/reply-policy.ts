// What of a reply an agent may see; required for every typed operation.

/** A JSON pointer as decoded segments; `*` stands for every element of an array. */
export type FieldPointer = readonly string[];

/** Caps that hold for every reply. */
export interface ReplyCaps {
  readonly maxBytes: number;
  readonly maxRows: number;
}

/** The part of a reply that reaches the agent. */
export type ReplyPolicy = ReplyCaps & {
  /** Names of reply headers, lower case, that are passed on. */
  readonly headers: readonly string[];
} & (
    | { readonly kind: 'fields'; readonly fields: readonly FieldPointer[] }
    /** The columns of the statement. */
    | { readonly kind: 'rows' }
    /** Nothing but that it was done. */
    | { readonly kind: 'none' }
    /** Written out as `reply: all`; reported by `check`. */
    | { readonly kind: 'all' }
  );

/** Whether every value in the reply was named one by one: what a weak credential needs. */
export function hasAllowList(policy: ReplyPolicy): boolean {
  return policy.kind === 'fields' || policy.kind === 'rows' || policy.kind === 'none';
}
