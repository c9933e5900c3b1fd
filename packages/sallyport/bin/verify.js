// Verifies a copy of an audit log on any machine. It prints the result as one JSON object, and ends with 0 where the copy is intact.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { verifyCopy } from '../dist/audit/verify-copy.js';

const usage = `usage: sallyport-verify FOLDER --key KEY [--checkpoint FILE]

  FOLDER             a copy, as \`sallyport audit export\` writes it
  --key KEY          the public key that you trust, as \`sallyport audit key\` prints it
  --checkpoint FILE  a checkpoint that you kept: the copy must reach it and agree with it

KEY and FILE may also follow the folder without their names. Exit status: 0 intact, 1 not intact, 2 not verified.`;

class UsageError extends Error {}

function readArguments() {
  const text = { type: 'string' };
  const options = { key: text, checkpoint: text, help: { type: 'boolean', short: 'h' } };
  const { values, positionals } = parsed(options);
  if (values.help) return null;
  const [folder, key, checkpoint, ...more] = positionals;
  const isTwice = (key !== undefined && values.key !== undefined) || (checkpoint !== undefined && values.checkpoint);
  if (folder === undefined || more.length > 0 || isTwice) throw new UsageError(usage);
  const trusted = { key: key ?? values.key, checkpoint: checkpoint ?? values.checkpoint };
  if (trusted.key === undefined) throw new UsageError(usage);
  return { folder, ...trusted };
}

function parsed(options) {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch {
    throw new UsageError(usage);
  }
}

function readCheckpoint(file) {
  if (file === undefined) return null;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`the checkpoint ${file} cannot be read (${error.code})`);
  }
}

try {
  const wanted = readArguments();
  if (wanted === null) process.stdout.write(`${usage}\n`);
  else {
    const { folder, key, checkpoint } = wanted;
    const result = await verifyCopy({ folder, key, trustedCheckpoint: readCheckpoint(checkpoint) });
    process.stdout.write(`${JSON.stringify(result)}\n`);
    process.exitCode = result.ok ? 0 : 1;
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
