#!/usr/bin/env node
// The command `sallyport`: hands over to a runtime that may hold keys, and stays as its parent.
import { launch } from './launcher.js';

launch({
  program: new URL('../dist/cli/main.js', import.meta.url),
  bridge: new URL('../dist/bridge/main.js', import.meta.url),
  serverFlags: new URL('./server-flags.js', import.meta.url),
});
