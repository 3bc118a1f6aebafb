import type { Command } from 'commander';
import { listOfJob } from '../../client/artifacts/list-artifacts.ts';
import type { Client } from '../../client/index.ts';
import { exitCodes } from '../../protocol/exit-codes.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { addIdFlags, type IdFlags, readOneId } from '../ids.ts';
import { addConnection } from '../options.ts';
import { describeJob } from '../output/describe-job.ts';
import { describeRun } from '../output/describe-run.ts';
import { print, printJson } from '../output/print.ts';
import { readRun } from '../read-run.ts';
import { verdictCode } from '../wait/verdict-code.ts';

interface Flags extends ConnectionFlags, IdFlags {
  readonly verbose?: true;
  readonly exitCode?: true;
  readonly json?: true;
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
  addConnection(addIdFlags(command)).action(async (given: string | undefined, flags: Flags) => {
    const { id, kind } = readOneId(given === undefined ? [] : [given], flags);
    const of = await (kind === 'run' ? statusOfRun : statusOfJob)(connect(flags), id, flags);
    done(flags.exitCode ? (verdictCode(of) ?? notFinal) : success);
  });
}

async function statusOfJob(client: Client, id: string, flags: Flags): Promise<Job> {
  const job = await client.call('getJob', { params: { id } });
  if (!flags.verbose) {
    if (flags.json) printJson(job);
    else for (const line of describeJob(job)) print(line);
  } else if (flags.json) printJson({ ...job, attempts: await readAttempts(client, id) });
  else await printVerbose(client, job);
  return job;
}

async function statusOfRun(client: Client, id: string, flags: Flags): Promise<Run> {
  const { run, jobs } = await readRun(client, id);
  if (flags.json) printJson({ ...run, ...(flags.verbose && { jobs }) });
  else for (const line of describeRun(run, jobs, process.stdout.columns)) print(line);
  if (!flags.verbose || flags.json) return run;
  for (const job of jobs) {
    print('');
    await printVerbose(client, job);
  }
  return run;
}

async function printVerbose(client: Client, job: Job): Promise<void> {
  const [attempts, artifacts] = await Promise.all([
    readAttempts(client, job.job_id),
    job.attempt === 0 ? [] : listOfJob(client, job.job_id),
  ]);
  for (const line of describeJob(job, attempts, artifacts)) print(line);
}

const readAttempts = async (client: Client, id: string) =>
  (await client.call('listAttempts', { params: { id } })).attempts;
