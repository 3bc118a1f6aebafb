import type { Command } from 'commander';
import { QgjobError } from '../../protocol/errors.ts';
import type { ConnectionFlags } from '../config.ts';
import { type FirstFile, writeOnce } from '../init/first-file.ts';
import { settingsFile } from '../init/settings-file.ts';
import { workflowFile } from '../init/workflow-file.ts';
import { addConnection } from '../options.ts';
import { print, printJson, say } from '../output/print.ts';

interface Flags extends ConnectionFlags {
  readonly dryRun?: true;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .description(
      'Write files to begin with: settings, a workflow of GitHub, the devices of this host. Never overwrites one. ' +
        'Without a command of its own it writes all three.',
    )
    .helpCommand(false);
  defineOne(command.command('all', { isDefault: true }), 'all three; the default', 'Write all three files.', [
    ...[settings, workflow, agent],
  ]);
  defineOne(
    command.command('config'),
    'qgjob.config.json, with the address of the server',
    'Write qgjob.config.json with the address of the server, so that commands in this folder find it.',
    [settings],
  );
  defineOne(
    command.command('workflow'),
    '.github/workflows/qgjob.yml, with the Action',
    'Write .github/workflows/qgjob.yml, which runs the tests of this folder for each push and pull request.',
    [workflow],
  );
  defineOne(
    command.command('agent'),
    'qgjob.agent.json, for the devices of this host',
    'Write qgjob.agent.json for the phones and emulators that adb sees on this host, its AVDs and, on a Mac, an iOS simulator; without any, for simulated devices.',
    [agent],
  );
}

type Maker = (flags: ConnectionFlags) => Promise<FirstFile | undefined>;

const settings: Maker = async (flags) => settingsFile(flags);
const workflow: Maker = async (flags) =>
  workflowFile(process.cwd(), JSON.parse(settingsFile(flags)?.text ?? '{}').server_url);
const agent: Maker = async () => {
  const { initAgent } = await import('../../agent/init/init-agent.ts');
  const { text, phones, isSimulated } = await initAgent(process.cwd());
  for (const { serial, state } of phones) say(`${serial}${state === 'device' ? '' : `  (${state} now)`}`);
  if (isSimulated)
    say('no phone, emulator or simulator was found: the devices are simulated, tests run on this host');
  return { path: 'qgjob.agent.json', text };
};

function defineOne(command: Command, summary: string, description: string, makers: readonly Maker[]): void {
  command
    .summary(summary)
    .description(description)
    .option('--dry-run', 'print what would be written, and write nothing')
    .option('--json', 'print an array of files: path, text, written');
  addConnection(command).action((flags: Flags) => init(flags, makers));
}

interface MadeFile extends FirstFile {
  readonly written: boolean;
}

async function init({ dryRun, json, ...flags }: Flags, makers: readonly Maker[]): Promise<void> {
  const made: MadeFile[] = [];
  for (const make of makers) {
    const file = await make(flags);
    if (file === undefined)
      say(
        'qgjob.config.json is left out: no server is known but that of this folder; --server-url names one',
      );
    else made.push({ ...file, written: !dryRun && writeOnce(process.cwd(), file) });
  }
  if (json) return printJson(made);
  for (const file of made) tell(file, { dryRun, isOnly: makers.length === 1 });
  if (!dryRun)
    say(
      'next: `qgjob doctor` looks whether this host is ready; `qgjob dev` starts a server and an agent here',
    );
}

/** Errors: `conflict` for the only file that was to be written, and is there. */
function tell({ path, text, written }: MadeFile, { dryRun, isOnly }: Mode): void {
  const isThere = `${path} is there already and stays as it is; --dry-run shows what would be written`;
  if (written) print(path);
  else if (dryRun) print(isOnly ? text.trimEnd() : `# ${path}\n${text}`);
  else if (isOnly) throw new QgjobError('conflict', isThere);
  else say(isThere);
}

interface Mode {
  readonly dryRun: true | undefined;
  readonly isOnly: boolean;
}
