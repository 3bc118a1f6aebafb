import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';
import { QgjobError } from '../protocol/errors.ts';
import { type GithubFacts, pullRequestOf } from '../protocol/github.ts';
import type { ServerConfig } from './config.ts';
import { GithubApp, type Repository } from './github/github-app.ts';
import { PullHeads, UnreadablePull } from './github/pull-heads.ts';
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

/** A submit waits for an answer of GitHub no longer than that; then the Action reports. */
const answerMs = 3000;

/**
 * Whether the App may report a workflow at a commit: it is installed there, and the commit is the proved one or, since of a
 * pull request GitHub proves the merge commit alone, the head of that pull request. No where GitHub does not say in time.
 */
export function reportsBy(app: GithubApp | undefined, log: Pick<Logger, 'warn'>): HttpDeps['mayReportAt'] {
  if (!app) return async () => false;
  const heads = new PullHeads(app);
  const unreadable = new Set<string>();
  const provedSha = async (facts: GithubFacts, repository: Repository): Promise<string> => {
    const number = pullRequestOf(facts);
    if (number === undefined) return facts.sha;
    const sha = await heads.of({ repository, number, mergeSha: facts.sha });
    unreadable.delete(repository.name);
    return sha;
  };
  return async (facts, sha) => {
    const repository = { id: facts.repository_id, name: facts.repository };
    try {
      const isCovered = await app.covers(repository, AbortSignal.timeout(answerMs));
      return isCovered && (await provedSha(facts, repository)) === sha;
    } catch (error) {
      const seen = { err: error, repository: repository.name };
      if (!(error instanceof UnreadablePull))
        log.warn(seen, 'GitHub does not say what the App may report: the Action does');
      // A permission that is missing is told once.
      else if (!unreadable.has(repository.name))
        log.warn(
          { ...seen, needs: 'Pull requests: read' },
          'the App cannot read a pull request, and does not report it: the Action does',
        );
      if (error instanceof UnreadablePull) unreadable.add(repository.name);
      return false;
    }
  };
}
