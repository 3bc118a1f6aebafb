import { wallClock } from './clock.ts';
import type { AgentConfig } from './config.ts';
import type { DeviceHost } from './devices/device.ts';
import { agentFolder, cacheFolder, outerPrefix, processFolder } from './folders.ts';
import type { Timing } from './timing.ts';

/** What the drivers of an agent with these settings use of the host. */
export const deviceHost = (
  config: AgentConfig,
  locks: DeviceHost['locks'],
  { examineLimitMs }: Pick<Timing, 'examineLimitMs'>,
  mayChange = true,
): DeviceHost => ({
  env: config.childEnv,
  locks,
  clock: wallClock,
  lookMs: examineLimitMs,
  mayChange,
  folder: agentFolder(config),
  marker: processFolder(config),
  prefix: outerPrefix(config),
  browserstack: { ...config.browserstack, cacheFolder: cacheFolder(config) },
});
