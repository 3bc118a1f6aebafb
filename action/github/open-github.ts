import { withRetry } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { toQgjobError } from './github-error.ts';

/** GitHub's API for one repository. Errors: QgjobErrors, `forbidden` where the token may not do it. */
export interface GithubApi {
  /** One try, like `PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}`; owner and repo are filled in. */
  once<T>(route: string, parameters?: object): Promise<T>;
  /** Tries this again on 5xx, a lost connection and GitHub's limits, while there is time. */
  retry<T>(what: () => Promise<T>): Promise<T>;
}

export interface GithubOptions {
  readonly token: string;
  /** `owner/name`. */
  readonly repository: string;
  /** All calls together end about after this time, in ms, from now. */
  readonly forMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Default: that of the runner, GITHUB_API_URL. */
  readonly baseUrl?: string | undefined;
}

const onceMs = 15_000;

/** The toolkit is loaded late: a step without a token needs none of it. */
export async function openGithub(options: GithubOptions): Promise<GithubApi> {
  const { getOctokit } = await import('@actions/github');
  const { token, repository, forMs, baseUrl } = options;
  const quiet = () => undefined;
  const octokit = getOctokit(token, {
    userAgent: 'qgjob-action',
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    ...(baseUrl !== undefined && { baseUrl }),
  });
  const [owner = '', repo = ''] = repository.split('/');
  const end = performance.now() + forMs;
  const left = (): number => Math.max(0, Math.ceil(end - performance.now()));
  return {
    async once<T>(route: string, parameters: object = {}): Promise<T> {
      const timeout = AbortSignal.timeout(Math.min(onceMs, Math.max(1000, left())));
      const signal = AbortSignal.any([timeout, ...(options.signal ? [options.signal] : [])]);
      try {
        const asked = { owner, repo, ...parameters, request: { signal } };
        const { data, status } = await octokit.request(route, asked);
        // A proxy's page, say.
        if (status !== 204 && typeof data !== 'object')
          throw new QgjobError('unavailable', `GitHub answered ${status} with a page that is not its own`);
        return data as T;
      } catch (error) {
        throw toQgjobError(error, Date.now());
      }
    },
    retry: (what) => withRetry(what, true, { forMs: left() }, options.signal),
  };
}

/** One answer of a list after the other, 100 a page, until `find` has something or the list ends. */
export async function findInPages<T, F>(
  api: GithubApi,
  route: string,
  parameters: object,
  { of, find }: { of(answer: unknown): readonly T[]; find(page: readonly T[]): F | undefined },
): Promise<F | undefined> {
  for (let page = 1; ; page += 1) {
    const answer = await api.once<unknown>(route, { ...parameters, per_page: 100, page });
    const found = find(of(answer));
    if (found !== undefined || of(answer).length < 100) return found;
  }
}
