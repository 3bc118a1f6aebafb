import { join, resolve } from 'node:path';
import { type Downloaded, downloadArtifacts } from '../../client/artifacts/download-artifacts.ts';
import type { JobArtifacts } from '../../client/artifacts/list-artifacts.ts';
import { mayLeaveBlob } from '../../client/blobs/blob-shape.ts';
import type { Client } from '../../client/index.ts';
import { makeFolder } from '../../client/make-folder.ts';
import { isBlob } from '../../protocol/artifact-names.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { Artifact } from '../../protocol/shapes/artifact.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import { formatBytes } from '../../protocol/sizes.ts';
import { plural } from '../../protocol/words.ts';
import { resultOf } from '../../report/outcome-words.ts';
import type { Followed } from '../follow/follow-run.ts';
import type { Inputs } from '../inputs/inputs.ts';
import { type Say, withoutCommands } from '../log/quiet-log.ts';
import type { Plan } from '../submit/plan-submit.ts';
import { listSettled } from './list-settled.ts';
import { mergePages } from './merge-pages.ts';

const allMs = 5 * 60_000;
/** A runner has 14 GB of disk, and what is uploaded of it costs its owner. */
const most = { files: 10_000, bytes: 2 * 2 ** 30 };
/** A server that was away is tried again for so long. */
const forMs = 10_000;
const namesShown = 10;

/**
 * Downloads what the tests left to `artifacts/` in the folder of the report, and says what of it is missing; makes one page
 * of what Playwright left. It is for people: nothing that goes wrong here changes the result of the step.
 */
export async function saveArtifacts(
  client: Client,
  { record, ending }: Followed,
  { artifacts: which, reportPath }: Inputs,
  plan: Plan,
  stop: AbortSignal,
): Promise<void> {
  const isOver = ending === 'final' || ending === 'timed_out';
  if (which === 'none' || reportPath === '' || !isOver || stop.aborted) return;
  const jobs = [...record.jobs, ...(record.earlier ?? [])];
  const isWanted = (job: Job): boolean => which === 'all' || resultOf(job) !== 'passed';
  const asked = jobs.filter((job) => isWanted(job) || mayLeaveBlob(job));
  if (asked.length === 0) return;
  const time = timeLimit();
  await withoutCommands(async (say) => {
    try {
      const signal = AbortSignal.any([stop, time.signal]);
      const found = inOrder(await listSettled(client, asked, signal));
      const folder = resolve(plan.directory, reportPath);
      const evidence = only(found, (job, artifact) => isWanted(job) && !isBlob(artifact));
      const download = (some: readonly JobArtifacts[], to: string) =>
        downloadArtifacts(client, some, { folder: to, most, forMs, signal });
      const saved = await save(evidence, { ...plan, folder, say }, download);
      const blobs = only(found, (_, artifact) => isBlob(artifact));
      await mergePages({ blobs, saved, jobs, folder, plan, say, signal, download });
    } catch (error) {
      if (!stop.aborted) say(`The evidence was not downloaded: ${(error as Error).message}`);
    }
  });
  time.clear();
}

function timeLimit(): { readonly signal: AbortSignal; clear(): void } {
  const over = new AbortController();
  const words = `it was not there after ${allMs / 60_000} minutes`;
  const timer = setTimeout(() => over.abort(new QgjobError('unavailable', words)), allMs);
  return { signal: over.signal, clear: () => clearTimeout(timer) };
}

/** Where not all has room, what failed comes first. */
const inOrder = (found: readonly JobArtifacts[]): JobArtifacts[] =>
  [...found].sort((a, b) => Number(resultOf(a.job) === 'passed') - Number(resultOf(b.job) === 'passed'));

const only = (
  found: readonly JobArtifacts[],
  isMeant: (job: Job, artifact: Artifact) => boolean,
): JobArtifacts[] =>
  found
    .map(({ job, artifacts }) => ({ job, artifacts: artifacts.filter((one) => isMeant(job, one)) }))
    .filter(({ artifacts }) => artifacts.length > 0);

async function save(
  evidence: readonly JobArtifacts[],
  { workspace, folder, say }: { readonly workspace: string; readonly folder: string; readonly say: Say },
  download: (some: readonly JobArtifacts[], to: string) => Promise<Downloaded[]>,
): Promise<Downloaded[]> {
  if (evidence.length === 0) return [];
  const to = join(folder, 'artifacts');
  makeFolder(workspace, to);
  const downloaded = await download(evidence, to);
  tell(say, to, downloaded);
  return downloaded;
}

function tell(say: Say, folder: string, downloaded: readonly Downloaded[]): void {
  const there = downloaded.filter(({ path }) => path !== undefined);
  const bytes = there.reduce((sum, { artifact }) => sum + artifact.size, 0);
  say(`Evidence: ${plural(there.length, 'file')}, ${formatBytes(bytes)}, in ${folder}`);
  const missing = downloaded.filter(({ path }) => path === undefined);
  for (const { artifact, error } of missing.slice(0, namesShown))
    say(`${artifact.name} of ${artifact.job_id} is left out: ${error}`);
  if (missing.length > namesShown) say(`${missing.length - namesShown} more files are left out.`);
}
