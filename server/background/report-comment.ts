import { createHash } from 'node:crypto';
import { concludeRun } from '../../report/conclude-run.ts';
import { describeSection } from '../../report/describe-section.ts';
import { escapeMarkdown } from '../../report/markdown.ts';
import { newestOfEach } from '../../report/newest-runs.ts';
import { boundSection, renderComment } from '../../report/render-comment.ts';
import { markerOf, readSections, type Section } from '../../report/sections.ts';
import { type Wanted, wantsComment } from '../../report/wants-comment.ts';
import type { GithubApp } from '../github/github-app.ts';
import {
  type CommentPlace,
  createComment,
  type FoundComment,
  findComment,
  updateComment,
} from '../github/write-comment.ts';
import {
  type Claimed,
  type CommentReport,
  noteComment,
  readCommentReport,
  readEvidence,
  readReportJobs,
} from '../queue/outbox/index.ts';
import type { Deps } from '../queue/store/deps.ts';

interface Writer {
  readonly deps: Deps;
  readonly app: GithubApp;
  readonly signal: AbortSignal;
  readonly report: CommentReport;
  readonly place: CommentPlace;
  readonly sections: readonly (Section & Wanted)[];
  readonly text: string;
  readonly textHash: string;
}

type Results = ReadonlyMap<string, Section['result']>;

/**
 * Brings the comment of a pull request up to date: all of it, as the database has the newest run of the workflow. Rows of one
 * comment are delivered one after the other, so nobody else writes it. Errors: GithubError.
 */
export async function reportComment(
  deps: Deps,
  app: GithubApp,
  row: Claimed,
  signal: AbortSignal,
): Promise<void> {
  const report = await readCommentReport(deps, row);
  const [first] = report?.runs ?? [];
  if (!report || !first) return;
  const { github } = first;
  const { written } = report;
  // A run of an older commit has nothing to say any more.
  if (written && written.githubRunId > Number(github.run_id)) return;
  const marker = markerOf(report.orgId, github.workflow);
  const sections = await describeSections(deps, report);
  const text = renderComment(marker, `qgjob: ${escapeMarkdown(github.workflow, 100)}`, sections);
  const place = {
    ...{ issue: github.pr_number ?? 0, marker },
    repository: { id: github.repository_id, name: github.repository },
  };
  const textHash = createHash('sha256').update(text).digest('hex');
  const writer = { ...{ deps, app, signal, report, place, sections, text, textHash } };
  if (written?.textHash === textHash) return;
  if (written && !wantsComment(sections, new Map(Object.entries(written.results)))) return;
  if (written && (await updateComment(app, place, written.commentId, text, signal)))
    return note(writer, written.commentId);
  const found = await findComment(app, place, signal);
  await (found ? writeInto(writer, found) : writeNew(writer));
}

/** One run after the other: the tests of one alone may be large. */
async function describeSections(deps: Deps, { runs }: CommentReport): Promise<Writer['sections']> {
  const made: (Section & Wanted)[] = [];
  for (const { of, call } of newestOfEach(runs)) {
    const { run, github, policy } = of;
    const jobs = await readReportJobs(deps, run.run_id);
    const record = { run, jobs };
    const failure = concludeRun(record);
    const evidence = failure === undefined ? undefined : await readEvidence(deps, jobs);
    const section = describeSection({ record, evidence, failure }, { github, call });
    made.push({ ...boundSection(section), policy, isCancelled: run.conclusion === 'cancelled' });
  }
  return made;
}

/** A comment that nobody here knew: the server that made it was killed before it could write that down. */
async function writeInto(writer: Writer, { id, body }: FoundComment): Promise<void> {
  const { app, place, sections, text, signal } = writer;
  const there = readSections(body);
  const isNewer = there.some(({ stamp }) => stamp.runId > (sections[0]?.stamp.runId ?? 0));
  const had: Results = new Map(there.map(({ key, result }) => [key, result]));
  if (isNewer || (body !== text && !wantsComment(sections, had))) return;
  const isThere = body === text || (await updateComment(app, place, id, text, signal));
  if (isThere) await note(writer, id);
  else await writeNew(writer);
}

async function writeNew(writer: Writer): Promise<void> {
  const { app, place, sections, text, signal } = writer;
  if (wantsComment(sections, undefined)) await note(writer, await createComment(app, place, text, signal));
}

function note({ deps, report, sections, textHash }: Writer, commentId: number): Promise<void> {
  const results = Object.fromEntries(sections.map(({ key, result }) => [key, result]));
  const githubRunId = sections[0]?.stamp.runId ?? 0;
  return noteComment(deps, report, { commentId, githubRunId, textHash, results });
}
