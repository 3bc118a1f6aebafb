import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { freePort } from './free-port.ts';

export interface Appium {
  readonly port: number;
  readonly pid: number | undefined;
  /** How many sessions were made, and how many of them have ended. */
  sessions(): { readonly made: number; readonly ended: number };
  log(): string;
  /** As a crash of it. */
  kill(): Promise<void>;
}

/** A real Appium with the fake driver of the suite in `root`, on a free port, ended with the test. */
export async function startAppium(root: string): Promise<Appium> {
  const port = await freePort();
  const path = join(root, 'appium.log');
  const child = spawn(
    process.execPath,
    [join(root, 'node_modules/.bin/appium'), 'server', '--address', '127.0.0.1', '-p', String(port)],
    {
      cwd: root,
      // It writes its list of drivers beside the packages, which tests share.
      env: { PATH: process.env.PATH, HOME: root, APPIUM_HOME: root },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const log = createWriteStream(path);
  child.stdout.pipe(log);
  child.stderr.pipe(log);
  const kill = (): Promise<void> => killNow(child);
  onTestFinished(kill);
  const text = (): string => readFileSync(path, 'utf8');
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`Appium did not start: ${text()}`)));
    child.stdout.on('data', (bytes: Buffer) => String(bytes).includes('listener started') && resolve());
  });
  return {
    port,
    pid: child.pid,
    log: text,
    kill,
    sessions: () => ({
      made: count(text(), /session created successfully/g),
      ended: count(text(), /Removing session/g),
    }),
  };
}

const count = (text: string, what: RegExp): number => text.match(what)?.length ?? 0;

async function killNow(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
