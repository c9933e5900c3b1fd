// The command line: one file a command; what a command does not need is not loaded.
import { Command, CommanderError } from 'commander';
import { version } from '../launch/version.ts';
import { agentCommand } from './commands/agent.ts';
import { approvalCommand } from './commands/approval.ts';
import { auditCommand } from './commands/audit.ts';
import { checkCommand } from './commands/check.ts';
import { credentialCommand } from './commands/credential.ts';
import { doctorCommand } from './commands/doctor.ts';
import { explainCommand } from './commands/explain.ts';
import { initCommand } from './commands/init.ts';
import { mcpCommand } from './commands/mcp.ts';
import { metricsCommand } from './commands/metrics.ts';
import { reloadCommand } from './commands/reload.ts';
import { schemaCommand } from './commands/schema.ts';
import { sessionCommand } from './commands/session.ts';
import { statusCommand } from './commands/status.ts';
import { upCommand } from './commands/up.ts';
import { vaultCommand } from './commands/vault.ts';
import { printError } from './output.ts';
import { usageError } from './usage-error.ts';

const usageStatus = 2;

const program = new Command('sallyport')
  .description('The tool proxy between AI agents and the services that they use. Agents never hold a credential.')
  .version(version)
  .addCommand(initCommand())
  .addCommand(checkCommand())
  .addCommand(schemaCommand())
  .addCommand(vaultCommand())
  .addCommand(credentialCommand())
  .addCommand(agentCommand())
  .addCommand(sessionCommand())
  .addCommand(upCommand())
  .addCommand(mcpCommand())
  .addCommand(reloadCommand())
  .addCommand(statusCommand())
  .addCommand(doctorCommand())
  .addCommand(metricsCommand())
  .addCommand(approvalCommand())
  .addCommand(explainCommand())
  .addCommand(auditCommand());

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
