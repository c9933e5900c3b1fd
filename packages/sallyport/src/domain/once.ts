// What is worked out when it is first asked for, and kept.

/** A function that works its value out on the first call and gives the same one ever after; a failure is not kept. */
export function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
