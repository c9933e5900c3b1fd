#!/usr/bin/env node
// Verifies a copy of an audit log on any machine: node sallyport-verify.js FOLDER KEY [CHECKPOINT]. It needs nothing but Node and this package.
import { readFileSync } from 'fs';
import { verifyCopy } from '../dist/audit/verify-copy.js';

const [folder, key, checkpoint] = process.argv.slice(2);
if (folder === undefined || key === undefined) {
  process.stderr.write('usage: sallyport-verify FOLDER KEY [CHECKPOINT FILE]\n');
  process.exit(2);
}
const trustedCheckpoint = checkpoint === undefined ? null : readFileSync(checkpoint, 'utf8');
const result = await verifyCopy({ folder, key, trustedCheckpoint });
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exitCode = result.ok ? 0 : 1;
