import { randomUUID } from 'node:crypto';
import type { PackedSource } from '../../client/bundle/pack-source.ts';
import type { Client } from '../../client/index.ts';
import { adviseNoDevice } from '../../client/submit-words.ts';
import type { FoundTests } from '../../client/test-files/find-tests.ts';
import { oneLine } from '../../protocol/clean-text.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { exitCodes } from '../../protocol/exit-codes.ts';
import type { SubmitRun } from '../../protocol/shapes/run.ts';
import { plural } from '../../protocol/words.ts';
import { traceSettings, traceSubmit } from '../../tracing/trace-submit.ts';
import { environment } from '../config.ts';
import { connect, retrySubmitForMs } from '../connect.ts';
import { print, printJson, say } from '../output/print.ts';
import { reportSubmitted } from '../wait/report-submitted.ts';
import { expandTests } from './expand-tests.ts';
import { refuseFlags, type SourceKind, type SubmitFlags, sourceOf } from './flags.ts';
import type { NamedApp } from './send-app.ts';

/** Submits the tests that the flags name, and waits where they say so. Resolves to the exit code. Errors: `invalid`, the server's. */
export async function submit(flags: SubmitFlags): Promise<number> {
  refuseFlags(flags);
  const { tests, missing, leftOut } = expandTests(flags.test ?? [], process.cwd());
  // Git works while the shapes, which are large, are loaded.
  const packing = sourceOf(flags) === 'bundle' ? startPacking(tests) : undefined;
  try {
    return await submitTests(flags, { tests, missing, leftOut }, packing);
  } finally {
    await packing?.then(
      ({ dispose }) => dispose(),
      () => undefined,
    );
  }
}

// Only this way of a submit needs git, tar and gzip.
const sourceModule = () => import('./send-source.ts');
// And only this one a reader of zips.
const appModule = () => import('./send-app.ts');

/** Its errors are told when its result is needed: those of the flags come first. */
function startPacking(tests: readonly string[]): Promise<PackedSource> {
  const packing = sourceModule().then(({ pack }) => pack(tests));
  packing.catch(() => undefined);
  return packing;
}

async function submitTests(
  flags: SubmitFlags,
  { tests, missing, leftOut }: FoundTests,
  packing: Promise<PackedSource> | undefined,
): Promise<number> {
  const { readBody } = await import('./read-body.ts');
  const named = flags.app ? await (await appModule()).nameApp(flags.app, flags.appVersionId) : undefined;
  const body = readBody(named ? { ...flags, appVersionId: named.appVersionId } : flags, tests);
  if (missing.length > 0) reportMissing(missing, sourceOf(flags));
  if (leftOut.length > 0)
    say(`warning: left out, since it leads out of this folder or nowhere: ${listed(leftOut)}`);
  if (!flags.dryRun) return send(flags, { body, named, packing });
  dryRun(await withSource(flags, body, packing, undefined), flags.json ?? false);
  return exitCodes.success;
}

const whatToDo =
  'check the path, which begins in this folder, or give --source=workspace where the agent has the file';

function reportMissing(paths: readonly string[], source: SourceKind): void {
  const words = `${namesOf(paths)} not on this disk`;
  if (source !== 'workspace') throw new QgjobError('invalid', `--test: ${words}; ${whatToDo}`);
  say(`warning: ${words}; the agent's workspace must have it`);
}

interface ToSend {
  readonly body: SubmitRun;
  readonly named: NamedApp | undefined;
  readonly packing: Promise<PackedSource> | undefined;
}

async function send(flags: SubmitFlags, { body: given, named, packing }: ToSend): Promise<number> {
  const client = connect(flags, retrySubmitForMs);
  if (named) await (await appModule()).sendNamedApp(client, named, given.org_id);
  const trace = traceSubmit(traceSettings(environment()), 'qgjob-cli');
  const body = { ...(await withSource(flags, given, packing, client)), ...trace.body };
  // One key per command: a submit that is sent twice, because its answer was lost, is one run.
  const input = { body, idempotencyKey: randomUUID() };
  try {
    const answer = await trace
      .submitting(() => client.call('submitRun', input))
      .catch((error: unknown) => Promise.reject(adviseNoDevice(error, '--allow-no-device')));
    return await reportSubmitted(client, answer, flags);
  } finally {
    await trace.end();
  }
}

/** The body with its source. Without a client nothing is uploaded. */
async function withSource(
  flags: SubmitFlags,
  body: SubmitRun,
  packing: Promise<PackedSource> | undefined,
  client: Client | undefined,
): Promise<SubmitRun> {
  if (sourceOf(flags) === 'workspace') return body;
  const { withBundle, withCommit } = await sourceModule();
  if (packing === undefined) return withCommit(body);
  const packed = await packing;
  // A wait may take long, and a signal would leave the file.
  return withBundle(body, packed, client).finally(() => packed.dispose());
}

const shown = 3;

function listed(paths: readonly string[]): string {
  const more = paths.length > shown ? ` and ${paths.length - shown} more` : '';
  return paths.slice(0, shown).map(oneLine).join(', ') + more;
}

const namesOf = (paths: readonly string[]): string => `${listed(paths)} ${paths.length === 1 ? 'is' : 'are'}`;

/** Prints what would be submitted: one line for each job, or the body of the call. */
function dryRun(body: SubmitRun, json: boolean): void {
  if (json) printJson(body);
  else printJobs(body);
}

function printJobs(body: SubmitRun): void {
  const targets = body.targets ?? [body.target];
  const jobs = targets.flatMap((target) => body.tests.map((test) => [test, target]));
  const org = body.org_id === undefined ? '' : ` of ${body.org_id}`;
  say(`would submit ${plural(jobs.length, 'job')} for app version ${body.app_version_id}${org}:`);
  // Without a target the server uses its default.
  for (const [test = '', target = '(default target)'] of jobs) print(`${oneLine(test)}  ${target}`);
}
