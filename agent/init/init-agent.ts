import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { QgjobError } from '../../protocol/errors.ts';
import { baseEnv } from '../children/child-env.ts';
import { hostVariables, type Variables } from '../config.ts';
import { findAvds, findIphoneType } from './find-emulators.ts';
import { type FoundPhone, findPhones } from './find-phones.ts';
import { settingsFor } from './settings-for.ts';

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
  /** No device was found. */
  readonly isSimulated: boolean;
}

/**
 * Writes `qgjob.agent.json` for the phones, emulators and simulators that this host has. Errors: `conflict` where the file is there already, which is
 * never overwritten.
 */
export async function initAgent(
  { dryRun = false, folder = process.cwd() }: InitFlags,
  host: Variables = hostVariables(),
): Promise<Initialised> {
  const path = join(folder, 'qgjob.agent.json');
  const env = baseEnv(host, [], '');
  const [phones, avds, iphone] = await Promise.all([findPhones(env), findAvds(env), findIphoneType(env)]);
  const settings = settingsFor({ phones, avds, iphone });
  const text = `${JSON.stringify(settings, null, 2)}\n`;
  if (!dryRun) write(path, text);
  return { path, text, phones, isSimulated: settings.devices[0]?.driver === 'simulated' };
}

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
