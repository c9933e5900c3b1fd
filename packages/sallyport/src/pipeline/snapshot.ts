// Config, catalogue, grants and match tables as one immutable object; a call takes one reference and keeps it.
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Scrubber } from './scrubber.ts';

/** Everything that a call looks at; replaced whole, never changed. */
export interface Snapshot {
  readonly catalogue: Catalogue;
  readonly scrubber: Scrubber;
}
