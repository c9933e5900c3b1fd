#!/usr/bin/env node
// The command `sallyport`: hands over to a runtime that may hold keys, and stays as its parent.
import { launch } from './launcher.js';
import { programUrl } from './program.js';

launch({
  program: programUrl('main.js', 'cli/main.js'),
  bridge: programUrl('bridge.js', 'bridge/main.js'),
  serverFlags: new URL('./server-flags.js', import.meta.url),
});
