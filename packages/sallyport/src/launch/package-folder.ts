// Where the package lies, and in it the code that runs: as source, as compiled, and bundled.
import { basename, dirname } from 'node:path';

const here = import.meta.dirname;

/** The folder of the package. All three lie two folders below it. */
export const packageFolder: string = dirname(dirname(here));

/** The folder of the code that runs: a bundle holds all of it beside this file. */
export const programFolder: string = basename(here) === 'bundle' ? here : dirname(here);
