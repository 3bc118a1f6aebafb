import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { PlannedRepro } from '../../agent/repro/repro.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { exitCodes } from '../../protocol/exit-codes.ts';
import { type ConnectionFlags, findConnection } from '../config.ts';
import { connectTo } from '../connect.ts';
import { addIdFlags, type IdFlags, readOneId } from '../ids.ts';
import { addConnection, wholeNumber } from '../options.ts';
import { say } from '../output/print.ts';
import { findRan } from '../repro/find-ran.ts';
import { type Laid, privateOf, wantedOf } from '../repro/laid.ts';
import { loadApp, loadSource, placesOf, readApp, refuseAway } from '../repro/load-parts.ts';
import { fillReproFolder } from '../repro/repro-folder.ts';
import { runPlanned } from '../repro/run-planned.ts';
import { showRepro, tellOf } from '../repro/show-repro.ts';
import { type Stop, untilSignal } from '../repro/stop-signals.ts';
import { withSignal } from '../with-signal.ts';

interface Flags extends ConnectionFlags, IdFlags {
  readonly dir?: string;
  readonly attempt?: number;
  readonly source?: string;
  readonly config?: string;
  readonly device?: string;
  readonly run?: true;
  readonly print?: true;
  readonly force?: true;
  readonly json?: true;
}

export function define(command: Command, done: (exitCode: number) => void): void {
  command
    .description(
      'Fetch the app and the tests of a job into a folder, checked by their hashes, and print the commands that run its ' +
        'test here as an agent does. Nothing is written outside of the folder, and nothing is run without --run.',
    )
    .argument('[job]', 'a job')
    .option('--dir <folder>', 'the folder, which is not there yet (qgjob-repro/<job>)')
    .option('--attempt <number>', 'as in this attempt (the last one)', wholeNumber)
    .option('--source <folder>', 'run the test from this folder, and fetch no source')
    .option(
      '--config <file>',
      'settings of an agent: its frameworks and set-up (qgjob.agent.json, where there is one)',
    )
    .option(
      '--device <serial>',
      'the phone or emulator, as adb and xcrun name it; else the framework finds one',
    )
    .option(
      '--run',
      `run the commands; exit ${exitCodes.success} when the test passed, ${exitCodes.failed} when not, ${exitCodes.unavailable} when it could not be run`,
    )
    .option('--print', 'print the commands alone, and fetch nothing')
    .option('--force', 'replace the folder of an earlier time')
    .option(
      '--json',
      'print {"dir", "app", "bundle", "env", "command", …}; with --run also "exit_code", "verdict", "error"',
    );
  addConnection(addIdFlags(command)).action(async (given: string | undefined, flags: Flags) => {
    const { id, kind } = readOneId(given === undefined ? [] : [given], flags);
    if (kind !== 'job')
      throw new QgjobError(
        'invalid',
        `${id} is a run; give one of its jobs: \`qgjob list --run=${id}\` shows them`,
      );
    if (flags.run && flags.print) throw new QgjobError('invalid', '--print: give it or --run, not both');
    done(await untilSignal((stop) => reproduce(id, flags, stop)));
  });
}

async function reproduce(id: string, flags: Flags, stop: Stop): Promise<number> {
  const connection = findConnection(flags);
  const client = withSignal(connectTo(connection), stop.soft);
  const repro = await client.call('reproduceJob', { params: { id } });
  const ran = await findRan(client, id, flags.attempt);
  const dir = resolve(flags.dir ?? join('qgjob-repro', id));
  const places = placesOf(repro, dir, flags.source);
  const { planRepro, fetchSource, unpackSource, runStep, runTest } = await import(
    '../../agent/repro/repro.ts'
  );
  const appVersion = await readApp(client, repro);
  const base = { repro, ran, dir, places, hidden: privateOf(repro, connection.token) };
  if (flags.print) {
    const ending = appVersion?.platform === 'ios' ? 'ipa' : 'apk';
    const app = appVersion?.size ? join(dir, `app.${ending}`) : (appVersion?.url ?? '');
    showRepro({ ...base, app }, await planRepro(wantedOf({ ...base, app }, flags)), flags);
    return exitCodes.success;
  }
  if (places.top === undefined) refuseAway(repro, places.root);
  const own = places.top === undefined ? places.root : undefined;
  const fill = async (part: string): Promise<string> => {
    const app = await loadApp(client, appVersion, part, stop.soft);
    const there = placesOf(repro, part, flags.source);
    await loadSource(client, repro, part, there, { fetchSource, unpackSource, signal: stop.soft });
    return app.startsWith(part) ? join(dir, app.slice(part.length)) : app;
  };
  const { laid, planned } = await fillReproFolder(
    { path: dir, force: flags.force ?? false, own },
    fill,
    async (app) => {
      const laid = { ...base, app };
      return { laid, planned: await planRepro(wantedOf(laid, flags)) };
    },
  );
  if (!flags.run) {
    await writeOutside(laid, planned);
    showRepro(laid, planned, flags);
    return exitCodes.success;
  }
  if (!flags.json) tellOf(laid, planned, flags);
  const replan = () => planRepro(wantedOf(laid, flags));
  return runPlanned(
    laid,
    planned,
    { runStep, runTest },
    { ...(flags.json && { json: flags.json }), stop, replan },
  );
}

/** In the person's own folder nothing is written that would stay. */
async function writeOutside({ places }: Laid, { test, framework }: PlannedRepro): Promise<void> {
  if (places.top !== undefined)
    for (const { path, text } of test.outside) await writeFile(path, text, { flag: 'wx' });
  else if (test.outside.length > 0)
    say(`${framework} needs a configuration beside that of the suite, which --run makes and removes`);
}
