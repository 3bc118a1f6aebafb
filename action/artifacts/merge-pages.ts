import { realpathSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Downloaded } from '../../client/artifacts/download-artifacts.ts';
import type { JobArtifacts } from '../../client/artifacts/list-artifacts.ts';
import { findPlaywright, mergeHtml } from '../../client/blobs/merge-html.ts';
import { tellMissing } from '../../client/blobs/missing-jobs.ts';
import { writeBlobs } from '../../client/blobs/write-blobs.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import { readEnvironment, variables } from '../config.ts';
import type { Say } from '../log/quiet-log.ts';
import type { Plan } from '../submit/plan-submit.ts';
import { isCommitted } from './is-committed.ts';
import { keepFolder } from './keep-folder.ts';

const namesShown = 10;

interface Pages {
  /** The blob reports of the run. */
  readonly blobs: readonly JobArtifacts[];
  /** What of the evidence is here: the page shows attachments of these alone. */
  readonly saved: readonly Downloaded[];
  readonly jobs: readonly Job[];
  /** Absolute: the folder of the report. */
  readonly folder: string;
  readonly plan: Plan;
  readonly say: Say;
  readonly signal: AbortSignal;
  readonly download: (some: readonly JobArtifacts[], to: string) => Promise<Downloaded[]>;
}

/**
 * Makes one HTML report of what Playwright's tests left, `playwright/index.html` in the folder of the report, by the
 * Playwright of the checkout. Where that is not installed, or not to be run, the blob reports are left, and the log says
 * how to merge them.
 */
export async function mergePages(pages: Pages): Promise<void> {
  const { blobs, say } = pages;
  if (blobs.length === 0) return;
  const temporary = await mkdtemp(join(tmpdir(), 'qgjob-pages-'));
  try {
    const downloaded = await pages.download(blobs, join(temporary, 'download'));
    const lost = downloaded.filter(({ path }) => path === undefined);
    tellSome(say, lost, ({ artifact, error }) => `an attempt of ${artifact.job_id}: ${error}`);
    const folder = join(temporary, 'blobs');
    const root = pages.plan.directory;
    const { count, lacking, missing } = await writeBlobs([...pages.saved, ...downloaded], pages.jobs, {
      folder,
      root,
    });
    tellSome(say, lacking, (words) => words);
    if (count === 0) return;
    const words = tellMissing(missing, pages.jobs.length);
    if (words !== undefined) say(words);
    await writePage(pages, folder, join(temporary, 'html'));
  } catch (error) {
    pages.signal.throwIfAborted();
    say(`The HTML report of Playwright was not made: ${(error as Error).message}`);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function tellSome<T>(say: Say, lacking: readonly T[], words: (one: T) => string): void {
  for (const one of lacking.slice(0, namesShown)) say(`The HTML report lacks ${words(one)}`);
  if (lacking.length > namesShown) say(`It lacks ${lacking.length - namesShown} more.`);
}

async function writePage(pages: Pages, blobs: string, output: string): Promise<void> {
  const { plan, signal, say } = pages;
  const program = await programOf(pages);
  if ('why' in program) {
    const kept = await keep(pages, blobs, 'playwright-blobs');
    return say(
      `No HTML report is made of Playwright's tests, since ${program.why}. By hand: npx playwright merge-reports --reporter html ${kept}`,
    );
  }
  await mergeHtml({ ...program, blobs, root: plan.directory, output, env: variables(), signal });
  say(`The HTML report of Playwright: ${join(await keep(pages, output, 'playwright'), 'index.html')}`);
}

/** The Playwright of the checkout, or why it is not started. */
async function programOf(pages: Pages): Promise<{ readonly cli: string } | { readonly why: string }> {
  const { workspace, whyNotStart } = pages.plan;
  if (whyNotStart !== undefined) return { why: whyNotStart };
  const cli = playwrightOf(pages);
  if (cli === undefined) return { why: 'Playwright is not installed in this checkout' };
  const git = { env: readEnvironment().gitEnv, anyOwner: true, ceiling: realpathSync(workspace) };
  return (await isCommitted(cli, git))
    ? { why: 'the Playwright of this checkout was committed to it, not installed' }
    : { cli };
}

/** The suite may have its packages in a folder below the working directory. */
const playwrightOf = ({ blobs, plan: { directory } }: Pages): string | undefined =>
  findPlaywright(join(directory, dirname(blobs[0]?.job.test_path ?? ''))) ?? findPlaywright(directory);

const keep = ({ plan, folder }: Pages, from: string, name: string): Promise<string> =>
  keepFolder(plan.workspace, from, folder, name);
