// The command line: one file a command; what a command does not need is not loaded.
import { Command, CommanderError } from 'commander';
import { version } from '../launch/version.ts';
import { printError } from './output.ts';
import { usageError } from './usage-error.ts';

const usageStatus = 2;

type CommandLoader = () => Promise<Command>;

// In the order of the help.
const loaders: Readonly<Record<string, CommandLoader>> = {
  init: async () => (await import('./commands/init.ts')).initCommand(),
  check: async () => (await import('./commands/check.ts')).checkCommand(),
  schema: async () => (await import('./commands/schema.ts')).schemaCommand(),
  vault: async () => (await import('./commands/vault.ts')).vaultCommand(),
  credential: async () => (await import('./commands/credential.ts')).credentialCommand(),
  agent: async () => (await import('./commands/agent.ts')).agentCommand(),
  session: async () => (await import('./commands/session.ts')).sessionCommand(),
  up: async () => (await import('./commands/up.ts')).upCommand(),
  mcp: async () => (await import('./commands/mcp.ts')).mcpCommand(),
  reload: async () => (await import('./commands/reload.ts')).reloadCommand(),
  status: async () => (await import('./commands/status.ts')).statusCommand(),
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand(),
  metrics: async () => (await import('./commands/metrics.ts')).metricsCommand(),
  approval: async () => (await import('./commands/approval.ts')).approvalCommand(),
  explain: async () => (await import('./commands/explain.ts')).explainCommand(),
  audit: async () => (await import('./commands/audit.ts')).auditCommand(),
};

const program = new Command('sallyport')
  .description('The tool proxy between AI agents and the services that they use. Agents never hold a credential.')
  .version(version);

// Help, and words that are no command, need all of them.
const asked = process.argv[2] ?? '';
const wanted = Object.hasOwn(loaders, asked) ? [asked] : Object.keys(loaders);
for (const name of wanted) {
  const command = await loaders[name]?.();
  if (command !== undefined) program.addCommand(command);
}

for (const command of [program, ...program.commands, ...program.commands.flatMap((each) => each.commands)]) {
  command.exitOverride().configureOutput({ outputError: () => undefined });
}

try {
  await program.parseAsync(process.argv);
} catch (error) {
  const isUsage = error instanceof CommanderError;
  const said = isUsage ? usageError(error) : error;
  if (said !== undefined) process.exitCode = printError(process.argv.includes('--json'), said);
  else if (isUsage) process.exitCode = error.exitCode === 0 ? 0 : usageStatus;
}
