import type { Command } from 'commander';

export async function define(command: Command, done: (exitCode: number) => void): Promise<void> {
  // The flags are made from the settings, so none can be missing.
  const { settingShapes, variableOf } = await import('../../server/config.ts');
  command.description(
    'Run the server until SIGTERM or SIGINT. Its address and the first token are written to the data folder, ' +
      'where the other commands find them.',
  );
  for (const [name, shape] of Object.entries(settingShapes)) {
    const standard = shape.safeParse(undefined).data;
    const hint = String(standard ?? '') === '' ? '' : `, default ${standard}`;
    command.option(`--${dashed(name)} <value>`, `${shape.description} (${variableOf(name)}${hint})`);
  }
  command.action(async (flags: Record<string, string | undefined>) => {
    const settings = Object.fromEntries(
      Object.keys(settingShapes).map((name) => [name, flags[camelCased(name)]]),
    );
    const { runServer } = await import('../../server/main.ts');
    done(await runServer(settings));
  });
}

const dashed = (name: string): string => name.replaceAll('_', '-');
const camelCased = (name: string): string =>
  name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
