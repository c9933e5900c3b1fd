// Brands keep ids of different nouns apart at compile time; they cost nothing at run time.

declare const brand: unique symbol;

/** A value of T that only its own constructor function may produce. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
