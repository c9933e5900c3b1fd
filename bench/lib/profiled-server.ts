// The server in a process without the permission model, which forbids profiles: `node --cpu-prof profiled-server.ts CONFIG` until SIGTERM.
import { homedir } from 'node:os';
import { startServer } from '../../packages/sallyport/dist/app.js';
import { statePaths } from '../../packages/sallyport/dist/launch/state-paths.js';

const [configFile = ''] = process.argv.slice(2);
const server = await startServer({
  configFile,
  paths: statePaths({ environment: {}, homeFolder: homedir() }),
  wantsKeyFile: true,
  person: null,
  note: () => undefined,
  log: process.stderr,
});
process.once('SIGTERM', () => void server.stop());
