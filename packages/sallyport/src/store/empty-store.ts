// A store that was never made: questions about it have answers, and looking makes no file.
import { SallyportError } from '../domain/errors.ts';
import type { Store } from './store.ts';

/** Holds no rows, and refuses to be written. */
export function emptyStore(): Store {
  return {
    write: () => Promise.reject(new SallyportError('STORE_FAILED', 'there is no state to write to')),
    read: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  };
}
