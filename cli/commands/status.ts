import type { Command } from 'commander';
import { listOfJob } from '../../client/artifacts/list-artifacts.ts';
import type { Client } from '../../client/index.ts';
import { exitCodes } from '../../protocol/exit-codes.ts';
import type { Artifact } from '../../protocol/shapes/artifact.ts';
import type { Attempt, Job } from '../../protocol/shapes/job.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import { isFinal } from '../../protocol/states.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { addIdFlags, type IdFlags, readOneId } from '../ids.ts';
import { addConnection } from '../options.ts';
import { describeJob } from '../output/describe-job.ts';
import { describeRun } from '../output/describe-run.ts';
import { readRun } from '../read-run.ts';
import { verdictCode } from '../wait/verdict-code.ts';
import { showView } from '../watch/show-view.ts';
import type { View } from '../watch/view.ts';
import { addWatch, type WatchFlags } from '../watch/watch-flags.ts';

interface Flags extends ConnectionFlags, IdFlags, WatchFlags {
  readonly verbose?: true;
  readonly exitCode?: true;
}

const { success, failed, notFinal } = exitCodes;

export function define(command: Command, done: (exitCode: number) => void): void {
  command
    .description('How a run or a job stands.')
    .argument('[id]', 'a run or a job')
    .option('-v, --verbose', 'with the attempts and their tests')
    .option(
      '--exit-code',
      `exit ${success} when it passed, ${failed} when not, ${notFinal} while it is not final`,
    )
    .option('--json', 'print the Run or the Job; with --verbose a Run has its jobs, a Job its attempts');
  addConnection(addIdFlags(addWatch(command, 'until it is final'))).action(
    async (given: string | undefined, flags: Flags) => {
      const { id, kind } = readOneId(given === undefined ? [] : [given], flags);
      const viewOf = kind === 'run' ? viewOfRun : viewOfJob;
      let of: Run | Job | undefined;
      const code = await showView(connect(flags), flags, async (client) => {
        const view = await viewOf(client, id, flags);
        of = view.of;
        return view;
      });
      if (code !== success || !flags.exitCode || !of) return done(code);
      done(verdictCode(of) ?? notFinal);
    },
  );
}

/** With what it is of. */
interface StatusView extends View {
  readonly of: Run | Job;
}

async function viewOfJob(client: Client, id: string, flags: Flags): Promise<StatusView> {
  const job = await client.call('getJob', { params: { id } });
  const isOver = isFinal(job.status);
  if (!flags.verbose) return { of: job, json: job, isOver, lines: () => describeJob(job) };
  if (!flags.json) return { of: job, json: job, isOver, lines: verboseLines(await readDetails(client, job)) };
  const { attempts } = await client.call('listAttempts', { params: { id } });
  return { of: job, json: { ...job, attempts }, isOver, lines: () => [] };
}

async function viewOfRun(client: Client, id: string, flags: Flags): Promise<StatusView> {
  const { run, jobs } = await readRun(client, id);
  const json = { ...run, ...(flags.verbose && { jobs }) };
  const isOver = isFinal(run.status);
  const details: Details[] = [];
  // One by one: a run may have thousands.
  for (const job of flags.verbose && !flags.json ? jobs : []) details.push(await readDetails(client, job));
  const below = details.map(verboseLines);
  const lines = (width: number | undefined) => [
    ...describeRun(run, jobs, width),
    ...below.flatMap((more) => ['', ...more()]),
  ];
  return { of: run, json, isOver, lines };
}

interface Details {
  readonly job: Job;
  readonly attempts: readonly Attempt[];
  readonly artifacts: readonly Artifact[];
}

async function readDetails(client: Client, job: Job): Promise<Details> {
  const [{ attempts }, artifacts] = await Promise.all([
    client.call('listAttempts', { params: { id: job.job_id } }),
    job.attempt === 0 ? [] : listOfJob(client, job.job_id),
  ]);
  return { job, attempts, artifacts };
}

const verboseLines =
  ({ job, attempts, artifacts }: Details) =>
  (): string[] =>
    describeJob(job, attempts, artifacts);
