// What an operation does to its service; grants set a ceiling on it.

/** From harmless to irreversible. */
export const effects = ['read', 'write', 'destroy'] as const;

/** What an operation does to its service. */
export type Effect = (typeof effects)[number];

/** Whether `effect` does no more than `ceiling` allows. */
export function isWithin(effect: Effect, ceiling: Effect): boolean {
  return effects.indexOf(effect) <= effects.indexOf(ceiling);
}
