import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '../../client/index.ts';
import { makeApk } from '../../client/test-support/app-files.ts';
import { type Ended, makeFolder, type RunningCli, runCli, startCli } from './processes.ts';

export interface ReproLab {
  readonly url: string;
  readonly token: string;
  /** The folder of somebody who reproduces: it has the settings of the agent, and no tests. */
  readonly desk: string;
  /** Runs `qgjob` at the desk. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  /** Starts `qgjob` there. */
  start(args: readonly string[], env?: Readonly<Record<string, string>>): RunningCli;
  /** Submits a test of a folder, and waits until it has ended; answers the id of its job. */
  submit(folder: string, ...args: string[]): Promise<string>;
}

/** A server and an agent, as processes. */
export async function startReproLab(settings: Readonly<Record<string, unknown>>): Promise<ReproLab> {
  const file = JSON.stringify({
    name: 'rack',
    devices: [{ driver: 'simulated', target: 'emulator' }],
    ...settings,
  });
  const cwd = makeFolder({ 'qgjob.agent.json': file });
  const server = startCli(['server', '--port=0'], { cwd });
  const [, url = ''] = await server.sees(/^qgjob server listening on (http:\S+)$/m);
  await startCli(['agent'], { cwd }).sees(/agent rack serves/);
  const token = readFileSync(join(cwd, '.qgjob/admin.token'), 'utf8').trim();
  const desk = makeFolder({ 'qgjob.agent.json': file });
  const env = { QGJOB_SERVER_URL: url, QGJOB_TOKEN: token };
  return {
    ...{ url, token, desk },
    run: (args, more) => runCli(args, { cwd: desk, env: { ...env, ...more } }),
    start: (args, more) => startCli(args, { cwd: desk, env: { ...env, ...more } }),
    async submit(folder, ...args) {
      const flags = ['--org-id=acme', '--retry-failed-tests=0', '--wait', '--json', ...args];
      const { stdout, stderr } = await runCli(['submit', ...flags], { cwd: folder, env });
      const [first = ''] = stdout.split('\n');
      if (!first.startsWith('{')) throw new Error(stderr);
      return JSON.parse(first).jobs[0].job_id;
    },
  };
}

/** A folder with these files and the build of an app, `shop.apk`. */
export async function makeSuite(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = makeFolder(files);
  writeFileSync(join(folder, 'shop.apk'), await makeApk());
  return folder;
}

export const clientOf = ({ url, token }: ReproLab) => createClient({ url, token }, { forMs: 0 });
