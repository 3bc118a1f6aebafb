import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { AgentFlags } from '../main.ts';
import { agentToken } from './leases.ts';

export interface AgentProcess {
  readonly pid: number;
  signal(signal: NodeJS.Signals): void;
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  /** Its stderr so far. */
  said(): string;
  /** Resolves once its stderr contains this. */
  says(words: string): Promise<void>;
}

const program = `
  import { runAgent } from ${JSON.stringify(join(import.meta.dirname, '../main.ts'))};
  process.exitCode = await runAgent(JSON.parse(process.argv[1]));`;

export interface ProcessOptions {
  /** Another user, where root runs the tests. */
  readonly uid?: number | undefined;
  readonly env?: Readonly<Record<string, string>>;
}

/** The agent as a process of its own, in this folder. Killed with the test. */
export function startAgentProcess(
  cwd: string,
  flags: Partial<AgentFlags>,
  { uid, env }: ProcessOptions = {},
): AgentProcess {
  const given = JSON.stringify({ token: agentToken, name: 'rack-1', ...flags });
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program, given], {
    cwd,
    env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, QGJOB_TOKEN: agentToken, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(uid !== undefined && { uid, gid: uid }),
  });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal)),
  );
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { pid: child.pid ?? 0, signal: (signal) => void child.kill(signal), ended, ...listen(child) };
}

function listen(child: ChildProcess): Pick<AgentProcess, 'said' | 'says'> {
  let said = '';
  const waiting = new Set<() => void>();
  child.stderr?.on('data', (bytes: Buffer) => {
    said += bytes.toString();
    for (const look of waiting) look();
  });
  const says = (words: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!said.includes(words)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return { said: () => said, says };
}
