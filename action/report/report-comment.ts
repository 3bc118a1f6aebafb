import * as core from '@actions/core';
import { callOf } from '../../report/check-names.ts';
import { describeSection } from '../../report/describe-section.ts';
import { escapeMarkdown } from '../../report/markdown.ts';
import { markerOf } from '../../report/sections.ts';
import { writeComment } from '../comment/write-comment.ts';
import type { Followed } from '../follow/follow-run.ts';
import { openGithub } from '../github/open-github.ts';
import { whyNot } from '../github/why-not.ts';
import type { Inputs } from '../inputs/inputs.ts';
import type { Plan } from '../submit/plan-submit.ts';

const forMs = 120_000;

/**
 * Writes this step's part of the workflow's comment in the pull request. None where the server does it, where no token
 * was given, outside of pull requests, for code that is not of the pull request, and of a run that a newer one has taken the place of or that was cancelled.
 */
export async function reportComment(
  { followed, failure }: { readonly followed: Followed; readonly failure: string | undefined },
  { githubToken: token, comment: policy }: Inputs,
  { body: { github }, isReadOnly, isStray }: Plan,
): Promise<void> {
  const { run } = followed.record;
  const { pr_number: issue, repository = '' } = github ?? {};
  if (token === '' || policy === 'off' || run.report_by !== 'action') return;
  if (isStray || github === undefined || issue === undefined) return;
  if (followed.ending === 'submitted' || followed.ending === 'stopped' || run.conclusion === 'neutral')
    return;
  const { workflow, check_run_name: name } = github;
  // Calls of a reusable workflow look alike in all but this.
  const call = callOf(github) === undefined ? undefined : name;
  try {
    const api = await openGithub({ token, repository, forMs });
    await writeComment(api, {
      ...{ issue, policy, marker: markerOf(run.org_id, workflow) },
      title: `qgjob: ${escapeMarkdown(workflow, 100)}`,
      section: describeSection({ ...followed, failure }, { github, call }),
    });
  } catch (error) {
    // The token of a fork only reads: nobody can change that, so it is no news.
    (isReadOnly ? core.info : core.notice)(whyNot(error, 'comment', 'pull-requests: write'));
  }
}
