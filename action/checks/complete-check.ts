import type { GithubApi } from '../github/open-github.ts';
import type { CheckAnswer } from './find-check.ts';

export interface CheckAnnotation {
  readonly path: string;
  readonly start_line: number;
  readonly end_line: number;
  readonly annotation_level: 'failure';
  readonly title: string;
  readonly message: string;
}

/** What a check run says in the end. */
export interface CheckEnd {
  readonly conclusion: 'success' | 'failure' | 'neutral' | 'cancelled' | 'timed_out';
  /** ISO 8601. */
  readonly completedAt: string;
  readonly title: string;
  /** Markdown. */
  readonly summary: string;
  readonly annotations: readonly CheckAnnotation[];
}

// GitHub takes 50 a call and adds each call's to those that it has.
const perCall = 50;

/** Completes a check run with the first call; the others add annotations. A call that is repeated adds none twice. */
export async function completeCheck(api: GithubApi, id: number, end: CheckEnd): Promise<void> {
  const { conclusion, completedAt, title, summary, annotations } = end;
  const verdict = { status: 'completed', conclusion, completed_at: completedAt };
  await addAnnotations(api, id, 0, {
    ...verdict,
    output: { title, summary, annotations: annotations.slice(0, perCall) },
  });
  for (let sent = perCall; sent < annotations.length; sent += perCall) {
    const some = annotations.slice(sent, sent + perCall);
    await addAnnotations(api, id, sent, { output: { title, summary, annotations: some } });
  }
}

/** `had`: how many annotations the check run has before this call. */
function addAnnotations(api: GithubApi, id: number, had: number, body: object): Promise<void> {
  const at = { check_run_id: id };
  let isUncertain = false;
  return api.retry(async () => {
    if (isUncertain) {
      const is = await api.once<CheckAnswer>('GET /repos/{owner}/{repo}/check-runs/{check_run_id}', at);
      if ((is.output?.annotations_count ?? 0) > had) return;
    }
    isUncertain = true;
    await api.once('PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}', { ...at, ...body });
  });
}
