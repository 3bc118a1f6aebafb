import type { Command } from 'commander';
import { print, say } from '../output/print.ts';

interface Flags {
  readonly dryRun?: true;
}

export function define(command: Command): void {
  command.description('Write files to begin with. Never overwrites one.').helpCommand(false);
  command
    .command('agent')
    .summary('qgjob.agent.json, for the devices of this host')
    .description(
      'Write qgjob.agent.json for the phones and emulators that adb sees on this host, its AVDs and, on a Mac, an iOS simulator; without any, for simulated devices.',
    )
    .option('--dry-run', 'print what would be written, and write nothing')
    .action(init);
}

async function init({ dryRun }: Flags): Promise<void> {
  const { initAgent } = await import('../../agent/init/init-agent.ts');
  const { path, text, phones, isSimulated } = await initAgent({ dryRun });
  if (dryRun) return print(text.trimEnd());
  print(path);
  for (const { serial, state } of phones) say(`${serial}${state === 'device' ? '' : `  (${state} now)`}`);
  if (isSimulated)
    say('no phone, emulator or simulator was found: the devices are simulated, tests run on this host');
  say('next: `qgjob doctor` looks whether this host is ready, `qgjob agent` starts the agent');
}
