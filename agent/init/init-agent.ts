import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { QgjobError } from '../../protocol/errors.ts';
import { baseEnv } from '../children/child-env.ts';
import { hostVariables, type Variables } from '../config.ts';
import { type FoundPhone, findPhones } from './find-phones.ts';

export interface InitFlags {
  /** Write nothing. */
  readonly dryRun?: boolean | undefined;
  /** Default: the current one. */
  readonly folder?: string | undefined;
}

export interface Initialised {
  readonly path: string;
  /** The text of the settings. */
  readonly text: string;
  readonly phones: readonly FoundPhone[];
}

/**
 * Writes `qgjob.agent.json` for the phones that this host has. Errors: `conflict` where the file is there already, which is
 * never overwritten.
 */
export async function initAgent(
  { dryRun = false, folder = process.cwd() }: InitFlags,
  host: Variables = hostVariables(),
): Promise<Initialised> {
  const path = join(folder, 'qgjob.agent.json');
  const phones = await findPhones(baseEnv(host, [], ''));
  const text = `${JSON.stringify(settingsFor(phones), null, 2)}\n`;
  if (!dryRun) write(path, text);
  return { path, text, phones };
}

/** An emulator that runs serves `emulator`, a phone `device`. */
const settingsFor = (phones: readonly FoundPhone[]) => ({
  $schema: './node_modules/qgjob/agent/agent-config.schema.json',
  devices:
    phones.length === 0
      ? [{ driver: 'simulated', target: 'emulator', count: 2 }]
      : phones.map(({ serial }) => ({
          driver: 'adb',
          target: serial.startsWith('emulator-') ? 'emulator' : 'device',
          serial,
        })),
});

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new QgjobError(
      'conflict',
      `${path} is there already and stays as it is; --dry-run shows what would be written`,
    );
  }
}
