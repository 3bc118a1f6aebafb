import { openChecksLab } from './checks-lab.ts';
import type { Fault } from './fake-github.ts';

const pull = { event_name: 'pull_request', ref: 'refs/pull/7/merge', pr_number: 7 };

/** A server with a GitHub App that also writes the comment of pull request 7. */
export async function openCommentLab() {
  const lab = await openChecksLab();
  return {
    ...lab,
    comments: lab.github.comments,
    /** The text of the one comment that there is. */
    body(): string {
      const [only, other] = lab.github.comments;
      if (other) throw new Error(`there are ${lab.github.comments.length} comments`);
      return only?.body ?? '';
    },
    /** A run of a leg; `github`: more of its workflow, `comment`: when it is written. */
    leg: (name: string, github: object = {}, comment = 'failures') =>
      lab.submit(['emulator'], { ...pull, leg: name, leg_name: name, ...github }, { comment }),
    finish: (runId: string, status: 'passed' | 'failed') => lab.conclude(status, 'emulator', runId),
  };
}

/** Legs that end one after the other, failed and passed, with a restart after each; in the n-th repetition the n-th call fails. */
export async function failEachCommentCall(
  legs: readonly string[],
  answer: Fault['answer'],
  done: boolean,
  check: (lab: Awaited<ReturnType<typeof openCommentLab>>) => void,
): Promise<number> {
  let calls = Number.POSITIVE_INFINITY;
  for (let after = 0; after < calls; after += 1) {
    const lab = await openCommentLab();
    lab.github.inject({ answer, done, after });
    const runs = await Promise.all(legs.map((name) => lab.leg(name)));
    for (const [index, { run_id: id }] of runs.entries()) {
      await lab.finish(id, index % 2 === 0 ? 'failed' : 'passed');
      await lab.sendAll();
      // What the server knew by heart is gone too.
      await lab.restart();
    }
    check(lab);
    calls = lab.github.calls.length;
  }
  return calls;
}
