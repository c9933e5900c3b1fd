// Loads and compiles the config for whoever cannot go on without a valid one.
import type { Catalogue } from '../catalogue/catalogue.ts';
import { compileCatalogue } from '../catalogue/compile-catalogue.ts';
import type { Config } from '../domain/config.ts';
import { counted } from '../domain/counted.ts';
import { SallyportError } from '../domain/errors.ts';
import type { LocatedProblem, Problem } from '../domain/problem.ts';
import { visible } from '../domain/visible-text.ts';
import { ownFiles } from '../launch/own-files.ts';
import type { StatePaths } from '../launch/state-paths.ts';
import type { Network } from '../net/network.ts';

/** The compiled catalogue; its connections end with the stack. @throws SallyportError CONFIG_INVALID */
export async function compiled(
  config: Config,
  around: { readonly network: Network; readonly paths: StatePaths },
  parts: AsyncDisposableStack,
): Promise<{ catalogue: Catalogue }> {
  const outcome = await compileCatalogue(config, { network: around.network });
  // What lies outside the config has changed: what is wrong now is told with its places in the file.
  if (!outcome.ok && config.isProven) {
    return await compiled(await loadValid({ configFile: config.file, paths: around.paths }), around, parts);
  }
  if (!outcome.ok) throw configInvalid(located(config, outcome.problems));
  parts.defer(() => outcome.catalogue.close());
  return { catalogue: outcome.catalogue };
}

/** A config, and the state that none of its paths may lead to. */
export interface ConfigOptions {
  readonly configFile: string;
  readonly paths: StatePaths;
}

/** The config, when there is nothing wrong with it. @throws SallyportError CONFIG_INVALID */
export async function loadValid({ configFile, paths }: ConfigOptions): Promise<Config> {
  // The parser is not loaded where the config comes from the cache.
  const { loadConfig } = await import('../config/load-config.ts');
  const loaded = loadConfig(configFile, ownFiles(paths));
  if (!loaded.ok) throw configInvalid(loaded.problems);
  return loaded.config;
}

function configInvalid(problems: readonly LocatedProblem[]): SallyportError {
  const errors = problems.filter((problem) => problem.severity === 'error');
  const lines = errors.map(({ file, line, column, message }) => visible(`${file}:${line}:${column} ${message}`));
  return new SallyportError(
    'CONFIG_INVALID',
    `the config has ${counted(errors.length, 'error')}; see \`sallyport check\`\n${lines.join('\n')}`,
  );
}

/** Problems with their places in the file. */
export function located(config: Config, problems: readonly Problem[]): readonly LocatedProblem[] {
  return problems.map((problem) => ({ ...problem, file: config.file, ...config.locate(problem.path) }));
}
