// Prints the permission flags of `sallyport up` for its parent, the launcher, as JSON. It runs before the server, outside the
// permission model, because it makes the state folder and reads the config for the files that services name.

import { serviceFiles } from '../dist/config/service-files.js';
import { serverFlags } from '../dist/launch/server-flags.js';

const answer = await serverFlags({ args: process.argv.slice(2), serviceFiles, environment: process.env });
if (answer.ok) process.stdout.write(`${JSON.stringify({ flags: answer.flags })}\n`);
else process.stderr.write(`${answer.message}\n`);
process.exitCode = answer.ok ? 0 : 1;
