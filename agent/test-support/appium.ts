import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
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
  const home = homeOf(root);
  const child = spawn(
    process.execPath,
    [join(root, 'node_modules/.bin/appium'), 'server', '--address', '127.0.0.1', '-p', String(port)],
    {
      cwd: home,
      env: { PATH: process.env.PATH, HOME: root, APPIUM_HOME: home },
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

/**
 * The suite itself, which has the packages that its copies share: Appium keeps beside them where it has found its drivers.
 * What another copy has left there is forgotten.
 */
function homeOf(root: string): string {
  const packages = realpathSync(join(root, 'node_modules'));
  const kept = join(packages, '.cache/appium');
  const list = join(kept, 'extensions.yaml');
  const isOurs = !existsSync(list) || readFileSync(list, 'utf8').includes(`installPath: ${packages}/`);
  if (!isOurs) rmSync(kept, { recursive: true, force: true });
  return dirname(packages);
}

const count = (text: string, what: RegExp): number => text.match(what)?.length ?? 0;

async function killNow(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
