import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pixel } from '../../agent/test-support/stack-devices.ts';
import { StandInBrowserStack } from '../../agent/test-support/stand-in-browserstack.ts';
import { makeApk } from '../../client/test-support/app-files.ts';
import { makeFolder, type RunningCli, runCli, startCli } from './processes.ts';

/** A server and an agent as processes of their own, with slots at a stand-in, and the folder of somebody who submits. */
export async function startStackLab(
  files: Readonly<Record<string, string>>,
  { parallel = 1, prepare = (_: StandInBrowserStack): void => undefined } = {},
) {
  const standIn = await StandInBrowserStack.start();
  prepare(standIn);
  const settings = {
    name: 'rack',
    devices: [{ ...pixel, parallel }],
    frameworks: { default: 'command', command: { test: [process.execPath, '{test}'] } },
  };
  const cwd = makeFolder({ 'qgjob.agent.json': JSON.stringify(settings) });
  const server = startCli(['server', '--port=0'], { cwd });
  await server.sees(/^qgjob server listening on http:\S+$/m);
  const startAgent = async (): Promise<RunningCli> => {
    const agent = startCli(['agent'], { cwd, env: standIn.env });
    await agent.sees(/agent rack serves browserstack-1/);
    return agent;
  };
  const folder = makeFolder(files);
  writeFileSync(join(folder, 'shop.apk'), await makeApk());
  const start = (...args: string[]) =>
    startCli([...args, `--data-dir=${join(cwd, '.qgjob')}`], { cwd: folder, env: { HOME: cwd } });
  const qgjob = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCli([...args, `--data-dir=${join(cwd, '.qgjob')}`], {
      cwd: folder,
      env: { HOME: cwd },
    });
    return { code, stdout, stderr, lines: stdout.trim().split('\n') };
  };
  const submit = [
    ...['submit', '--org-id=acme', '--app-version-id=v1', '--app=shop.apk', '--target=browserstack'],
    ...['--test=*.mjs', '--json'],
  ];
  return { standIn, startAgent, start, qgjob, submit };
}
