// npm run build: installs what is missing and compiles what is stale.
import { ensureReady } from './ensure.js';

ensureReady();
