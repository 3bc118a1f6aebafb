import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Writes files, by path relative to the folder. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

export interface AgentFileOptions {
  readonly name?: string;
  /** How many simulated emulators; 1 by default. Or a target for each device. */
  readonly devices?: number | readonly string[];
  /** The install command; by default no install. */
  readonly install?: readonly string[];
  /** The workspace folder; by default that of the settings. */
  readonly workspace?: string;
}

/** A `qgjob.agent.json` for an agent that runs each test file with `sh`. */
export function agentFile({ name, devices = 1, install, workspace }: AgentFileOptions = {}): string {
  const driver = 'simulated';
  return JSON.stringify({
    name,
    ...(workspace !== undefined && { sources: { workspace } }),
    devices:
      typeof devices === 'number'
        ? [{ driver, target: 'emulator', count: devices }]
        : devices.map((target) => ({ driver, target })),
    frameworks: { default: 'command', command: { install, test: ['sh', '{test}'] } },
  });
}
