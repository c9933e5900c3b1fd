// Gives back what loading a config left behind. The runtime collects when it allocates, and a quiet server allocates little: a third
// of a start would stay resident for hours.

// After the first calls, which wait for a start: this is one pause of some tens of milliseconds.
const afterMs = 2_000;

/** Collects once, soon. The launcher gives the runtime the flag for it; without that nothing happens. */
export function releaseMemorySoon(): void {
  setTimeout(() => globalThis.gc?.({ type: 'major', flavor: 'last-resort' }), afterMs).unref();
}
