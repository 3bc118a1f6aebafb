import * as core from '@actions/core';
import { describeSection } from '../../report/describe-section.ts';
import { escapeMarkdown } from '../../report/markdown.ts';
import { markerOf } from '../../report/sections.ts';
import { writeComment } from '../comment/write-comment.ts';
import { openGithub } from '../github/open-github.ts';
import { whyNot } from '../github/why-not.ts';
import { pullOf } from './pull-of.ts';
import type { Tested } from './read-tested.ts';
import type { ReportedRun, ReportOf } from './reported-run.ts';

const forMs = 120_000;

/** Writes the section of a run into the comment of its workflow. A GitHub that does not take it fails no step. */
export async function writeRunComment(
  { inputs: { githubToken: token, comment: policy }, repository }: ReportOf,
  tested: Tested,
  { leg: { of, call }, followed, failure }: ReportedRun,
): Promise<void> {
  const { record, ending, evidence } = followed;
  const isOver = ending === 'final' || ending === 'timed_out';
  if (policy === 'off' || !isOver || record.run.conclusion === 'neutral') return;
  try {
    const api = await openGithub({ token, repository, forMs });
    const issue = await pullOf(api, of, tested);
    if (issue === undefined) return core.info('No comment: no pull request stands at this commit.');
    await writeComment(api, {
      ...{ issue, policy, marker: markerOf(of.run.org_id, tested.workflow) },
      title: `qgjob: ${escapeMarkdown(tested.workflow, 100)}`,
      section: describeSection({ record, evidence, failure }, { github: of.github, call }),
    });
  } catch (error) {
    core.notice(whyNot(error, 'comment', 'pull-requests: write'));
  }
}
