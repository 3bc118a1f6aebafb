import { baseEnv } from '../children/child-env.ts';
import { hostVariables, type Variables } from '../config.ts';
import { findAvds, findIphoneType } from './find-emulators.ts';
import { findFramework } from './find-framework.ts';
import { type FoundPhone, findPhones } from './find-phones.ts';
import { settingsFor } from './settings-for.ts';

export interface Initialised {
  /** Of `qgjob.agent.json`. */
  readonly text: string;
  readonly phones: readonly FoundPhone[];
  /** No device was found. */
  readonly isSimulated: boolean;
}

/** The settings for the phones, emulators and simulators that this host has, and the framework of the folder's tests. */
export async function initAgent(folder: string, host: Variables = hostVariables()): Promise<Initialised> {
  const env = baseEnv(host, [], '');
  const [phones, avds, iphone] = await Promise.all([findPhones(env), findAvds(env), findIphoneType(env)]);
  const settings = { ...settingsFor({ phones, avds, iphone }), frameworks: findFramework(folder) };
  return {
    text: `${JSON.stringify(settings, null, 2)}\n`,
    phones,
    isSimulated: settings.devices[0]?.driver === 'simulated',
  };
}
