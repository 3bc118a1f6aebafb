import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';
import { QgjobError } from '../protocol/errors.ts';
import { pullRequestOf } from '../protocol/github.ts';
import type { ServerConfig } from './config.ts';
import { GithubApp } from './github/github-app.ts';
import { GithubError } from './github/github-call.ts';
import { PullHeads } from './github/pull-heads.ts';
import type { HttpDeps } from './http/handler.ts';

/** The GitHub App of this server; undefined where none is set. Errors: `invalid`, without a word of the key. */
export function openGithubApp(config: ServerConfig, now: () => number): GithubApp | undefined {
  const { github_app_id: appId, github_api_url: apiUrl } = config;
  const { github_app_private_key: given, github_app_private_key_file: file } = config;
  if (appId === undefined && given === undefined && file === undefined) return undefined;
  if (appId === undefined || (given === undefined) === (file === undefined))
    throw new QgjobError(
      'invalid',
      'a GitHub App needs QGJOB_GITHUB_APP_ID and one of QGJOB_GITHUB_APP_PRIVATE_KEY and QGJOB_GITHUB_APP_PRIVATE_KEY_FILE',
    );
  try {
    // In a variable the line ends of a key are often written as \n.
    const privateKey = given?.replaceAll('\\n', '\n') ?? readFileSync(file ?? '', 'utf8');
    return new GithubApp({ appId, privateKey, apiUrl }, now);
  } catch {
    const name =
      file === undefined ? 'QGJOB_GITHUB_APP_PRIVATE_KEY' : `QGJOB_GITHUB_APP_PRIVATE_KEY_FILE=${file}`;
    throw new QgjobError('invalid', `${name}: this is no private key in PEM, as GitHub gives it`);
  }
}

/** A submit waits for GitHub's answers no longer than that; then the Action reports. */
const answerMs = 3000;

/**
 * Whether the App may report a workflow at a commit: it is installed there, and the commit is the proved one or, since of a
 * pull request GitHub proves the merge commit alone, the head of that pull request. No where GitHub does not say in time.
 */
export function reportsBy(app: GithubApp | undefined, log: Pick<Logger, 'warn'>): HttpDeps['mayReportAt'] {
  if (!app) return async () => false;
  const heads = new PullHeads(app);
  const say = sayTroubles(log);
  return async (facts, sha) => {
    const repository = { id: facts.repository_id, name: facts.repository };
    const number = pullRequestOf(facts);
    const signal = AbortSignal.timeout(answerMs);
    const provedSha = async (): Promise<string> =>
      number === undefined ? facts.sha : heads.of({ repository, number, mergeSha: facts.sha }, signal);
    try {
      return (await app.covers(repository, signal)) && (await provedSha()) === sha;
    } catch (error) {
      say(error, repository.name);
      return false;
    }
  };
}

/** A permission that is missing is told once for each repository, an outage as often as it costs a report. */
function sayTroubles(log: Pick<Logger, 'warn'>): (error: unknown, repository: string) => void {
  const told = new Set<string>();
  return (error, repository) => {
    const isRefused = error instanceof GithubError && [403, 404].includes(error.status) && !error.isPassing;
    if (!isRefused)
      log.warn({ err: error, repository }, 'GitHub does not say what the App may report: the Action does');
    else if (!told.has(repository))
      log.warn(
        { err: error, repository, needs: 'Pull requests: read' },
        'the App may not read the pull requests of a repository, and reports none of them: the Action does',
      );
    if (isRefused) told.add(repository);
  };
}
