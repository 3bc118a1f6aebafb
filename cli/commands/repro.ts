import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { PlannedRepro, WantedRepro } from '../../agent/repro/repro.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { exitCodes } from '../../protocol/exit-codes.ts';
import type { Repro } from '../../protocol/shapes/repro.ts';
import { type ConnectionFlags, environment, findConnection } from '../config.ts';
import { connectTo } from '../connect.ts';
import { addIdFlags, type IdFlags, readOneId } from '../ids.ts';
import { addConnection, wholeNumber } from '../options.ts';
import { print, printJson, say } from '../output/print.ts';
import { describeRepro } from '../repro/describe-repro.ts';
import { findRan, type Ran } from '../repro/find-ran.ts';
import { type LaidOut, loadApp, loadSource, placesOf, readApp, refuseAway } from '../repro/load-parts.ts';
import { makeReproFolder, removeReproFolder } from '../repro/repro-folder.ts';
import { runStep, withFiles } from '../repro/run-steps.ts';
import { shellLine } from '../repro/shell-line.ts';

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
      `run the commands; exit ${exitCodes.success} when the test passed, ${exitCodes.failed} when not`,
    )
    .option('--print', 'print the commands alone, and fetch nothing')
    .option('--force', 'replace the folder of an earlier time')
    .option('--json', 'print {"dir", "app", "bundle", "env", "command", …}; with --run also "exit_code"');
  addConnection(addIdFlags(command)).action(async (given: string | undefined, flags: Flags) => {
    const { id, kind } = readOneId(given === undefined ? [] : [given], flags);
    if (kind !== 'job')
      throw new QgjobError(
        'invalid',
        `${id} is a run; give one of its jobs: \`qgjob list --run=${id}\` shows them`,
      );
    if (flags.run && flags.print) throw new QgjobError('invalid', '--print: give it or --run, not both');
    done(await reproduce(id, flags));
  });
}

/** What is here of a job. */
interface Laid {
  readonly repro: Repro;
  readonly ran: Ran;
  readonly dir: string;
  readonly app: string;
  readonly places: LaidOut;
}

async function reproduce(id: string, flags: Flags): Promise<number> {
  const connection = findConnection(flags);
  const client = connectTo(connection);
  const repro = await client.call('reproduceJob', { params: { id } });
  const ran = await findRan(client, id, flags.attempt);
  const dir = resolve(flags.dir ?? join('qgjob-repro', id));
  const places = placesOf(repro, dir, flags.source);
  const { planRepro, fetchSource, unpackSource } = await import('../../agent/repro/repro.ts');
  const appVersion = await readApp(client, repro);
  if (flags.print) {
    const ending = appVersion?.platform === 'ios' ? 'ipa' : 'apk';
    const app = appVersion?.size ? join(dir, `app.${ending}`) : (appVersion?.url ?? '');
    const laid = { repro, ran, dir, app, places };
    return show(laid, await planRepro(wantedOf(laid, flags, connection.token)), flags);
  }
  if (places.top === undefined) refuseAway(repro, places.root);
  makeReproFolder(dir, id, flags.force ?? false);
  let planned: PlannedRepro;
  let laid: Laid;
  try {
    const app = await loadApp(client, appVersion, dir);
    await loadSource(client, repro, dir, places, { fetchSource, unpackSource });
    laid = { repro, ran, dir, app, places };
    planned = await planRepro(wantedOf(laid, flags, connection.token));
  } catch (error) {
    removeReproFolder(dir);
    throw error;
  }
  if (!flags.run) {
    // In the person's own folder nothing is written that would stay.
    if (places.top === undefined && planned.outside.length > 0)
      say(
        `${planned.framework} needs a configuration beside that of the suite, which --run makes and removes`,
      );
    else for (const { path, text } of planned.outside) await writeFile(path, text, { flag: 'wx' });
    return show(laid, planned, flags);
  }
  const replan = () => planRepro(wantedOf(laid, flags, connection.token));
  return runAll(laid, planned, replan, flags);
}

function wantedOf({ repro, ran, dir, app, places }: Laid, flags: Flags, token: string): WantedRepro {
  const params = Object.entries(repro.params).map(([name, value]) => [`QGJOB_PARAM_${name}`, value]);
  return {
    ...{ config: flags.config, token, framework: repro.framework, target: repro.target },
    ...{ testPath: repro.test_path, grep: repro.grep ?? undefined, app, folder: dir, ...places },
    device: flags.device ?? ran.device,
    serial: flags.device,
    variables: {
      ...Object.fromEntries(params),
      QGJOB_APP_VERSION_ID: repro.app_version_id,
      QGJOB_JOB_ID: repro.job_id,
      QGJOB_ATTEMPT: String(ran.attempt),
    },
  };
}

/** Prints the commands, or all that is known as JSON. */
async function show(laid: Laid, planned: PlannedRepro, flags: Flags, exitCode?: number): Promise<number> {
  const { repro, ran, dir, app, places } = laid;
  const test = planned.steps.at(-1);
  if (flags.json) {
    const bundle = places.top === undefined ? null : places.root;
    const before = planned.steps
      .slice(0, -1)
      .map(({ name, argv, cwd, own }) => ({ name, command: argv, cwd, env: own }));
    printJson({
      ...{ job_id: repro.job_id, attempt: ran.attempt, test_path: repro.test_path },
      ...{ dir, app: app || null, bundle, framework: planned.framework },
      ...{ before, env: test?.own, command: test?.argv, cwd: test?.cwd, withheld: repro.withheld },
      ...(exitCode !== undefined && { exit_code: exitCode }),
    });
    return exitCodes.success;
  }
  for (const line of describeRepro(repro, ran, { dir, app, isPlan: flags.print ?? false })) say(line);
  for (const step of planned.steps) print(shellLine(step));
  return exitCodes.success;
}

type Replan = () => Promise<PlannedRepro>;

/** Set-ups and installs first; after set-ups the framework is there, and its command is known better. */
async function runAll(laid: Laid, first: PlannedRepro, replan: Replan, flags: Flags): Promise<number> {
  const options = { isQuiet: flags.json ?? false, more: withheldHere(laid.repro) };
  if (!flags.json)
    for (const line of describeRepro(laid.repro, laid.ran, { ...laid, isPlan: false })) say(line);
  for (const step of first.steps.slice(0, -1)) {
    const code = await runStep(step, options);
    if (code === exitCodes.interrupted) return code;
    if (code !== 0)
      throw new QgjobError('unavailable', `the ${step.name} (${step.argv.join(' ')}) ended with ${code}`);
  }
  const planned = first.steps.length > 1 ? await replan() : first;
  const test = planned.steps.at(-1);
  const code = test ? await withFiles(planned.outside, () => runStep(test, options)) : exitCodes.failed;
  if (flags.json) await show(laid, planned, flags, code);
  else say(code === 0 ? 'passed here' : `did not pass here (exit ${code}); its files are in ${laid.dir}`);
  return code === 0 || code === exitCodes.interrupted ? code : exitCodes.failed;
}

/** The person has them, and gives them to the test by the same names. */
const withheldHere = ({ withheld }: Repro): Record<string, string> =>
  Object.fromEntries(
    withheld.flatMap((name) => {
      const value = environment()[`QGJOB_PARAM_${name}`];
      return value === undefined ? [] : [[`QGJOB_PARAM_${name}`, value] as const];
    }),
  );
