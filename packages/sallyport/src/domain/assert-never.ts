// Ends every switch over a union, so that a new variant does not compile until it is handled.

/** Never reached; throws if the type system was circumvented. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected variant: ${typeof value}`);
}
