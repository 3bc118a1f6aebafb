import { setTimeout as sleep } from 'node:timers/promises';
import { mayMendItself, withRetry } from '../../client/index.ts';
import { askedDelayMs } from '../../client/retry.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { now } from '../clock.ts';
import { toQgjobError } from './github-error.ts';

/** GitHub's API for one repository. Errors: QgjobErrors, `forbidden` where the token may not do it. */
export interface GithubApi {
  /** One try, like `PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}`; owner and repo are filled in. */
  once<T>(route: string, parameters?: object): Promise<T>;
  /** The same, with the status of the answer. */
  answer<T>(route: string, parameters?: object): Promise<{ readonly status: number; readonly data: T }>;
  /** Tries this again on 5xx, a lost connection and GitHub's limits, while there is time. */
  retry<T>(what: () => Promise<T>): Promise<T>;
  /** Waits so long, in ms. Errors: `unavailable` where there is no time left for it. */
  wait(ms: number): Promise<void>;
  /** Who the token acts as. */
  login(): Promise<string>;
  /** The same with less time, in ms. */
  within(ms: number): GithubApi;
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
/** A GitHub that answers nothing useful for so long is away: a verdict that is there does not wait for it. */
const awayMs = 8000;

/** The toolkit is loaded late: a step without a token needs none of it. */
export async function openGithub(options: GithubOptions): Promise<GithubApi> {
  const { getOctokit } = await import('@actions/github');
  const { token, forMs, baseUrl } = options;
  const quiet = () => undefined;
  const octokit = getOctokit(token, {
    userAgent: 'qgjob-action',
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    ...(baseUrl !== undefined && { baseUrl }),
  });
  return withTime(octokit, options, performance.now() + forMs);
}

type Octokit = ReturnType<typeof import('@actions/github').getOctokit>;

function withTime(octokit: Octokit, options: GithubOptions, end: number): GithubApi {
  const [owner = '', repo = ''] = options.repository.split('/');
  const left = (): number => Math.max(0, Math.ceil(end - performance.now()));
  const signalOf = (): AbortSignal => {
    const timeout = AbortSignal.timeout(Math.min(onceMs, Math.max(1000, left())));
    return options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  };
  // Its limits say when to come back.
  const isWaitedOut = (error: QgjobError): boolean =>
    error.code === 'rate_limited' && askedDelayMs(error) < left();
  const api: GithubApi = {
    async answer<T>(route: string, parameters: object = {}) {
      try {
        const asked = { owner, repo, ...parameters, request: { signal: signalOf() } };
        const { data, status } = await octokit.request(route, asked);
        // A proxy's page, say.
        if (status !== 204 && typeof data !== 'object')
          throw new QgjobError('unavailable', `GitHub answered ${status} with a page that is not its own`);
        return { status, data: data as T };
      } catch (error) {
        throw toQgjobError(error, now());
      }
    },
    once: async <T>(route: string, parameters?: object) => (await api.answer<T>(route, parameters)).data,
    retry(what) {
      const rule = { forMs: Math.min(left(), awayMs), isWaitedOut, isRetryable: mayMendItself };
      return withRetry(what, true, rule, options.signal);
    },
    async wait(ms) {
      if (ms > left()) throw new QgjobError('unavailable', 'other steps wrote to GitHub for too long');
      await sleep(ms, undefined, { signal: options.signal });
    },
    login: () => loginOf(octokit, signalOf()),
    within: (ms) => withTime(octokit, options, Math.min(end, performance.now() + ms)),
  };
  return api;
}

/** The REST part does not say it to a workflow's token. Where nothing does, it is taken for that of the workflow. */
async function loginOf(octokit: Octokit, signal: AbortSignal): Promise<string> {
  try {
    const { viewer } = await octokit.graphql<{ readonly viewer: { readonly login: string } }>(
      'query { viewer { login } }',
      { request: { signal } },
    );
    return viewer.login;
  } catch {
    return 'github-actions[bot]';
  }
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
