// A person who gives up at a prompt: nothing is wrong, and nothing was done.
import { SallyportError } from '../domain/errors.ts';

/** Ends a command as an interrupt does: status 130, without a stack. */
export class Cancelled extends SallyportError {
  constructor() {
    super('ADMIN_INPUT', 'cancelled; nothing was changed');
  }
}
