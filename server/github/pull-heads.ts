import { type GithubApp, pathOf, type Repository } from './github-app.ts';
import { expected, GithubError } from './github-call.ts';

interface PullAnswer {
  readonly head: { readonly sha: string };
}

/** A pull request, as a workflow proves it. */
export interface ProvedPull {
  readonly repository: Repository;
  readonly number: number;
  /** The merge commit that was tested. */
  readonly mergeSha: string;
}

const mostKnown = 1000;
const answerMs = 3000;

/** The App lacks *Pull requests: read*, or there is no such pull request. */
export class UnreadablePull extends GithubError {}

/**
 * At which commits pull requests stood when the first job of a merge commit asked this server: all jobs of a matrix get the
 * same answer, and GitHub one call.
 */
export class PullHeads {
  readonly #app: GithubApp;
  readonly #known = new Map<string, Promise<string>>();

  constructor(app: GithubApp) {
    this.#app = app;
  }

  /** In 3 s. Errors: GithubError, `UnreadablePull`; then it is asked for again the next time. */
  of(pull: ProvedPull): Promise<string> {
    const key = `${pull.repository.id} ${pull.number} ${pull.mergeSha}`;
    const known = this.#known.get(key);
    if (known) return known;
    const asked = this.#readTwice(pull, AbortSignal.timeout(answerMs));
    this.#known.set(key, asked);
    asked.catch(() => this.#known.delete(key));
    const [oldest] = this.#known.keys();
    if (this.#known.size > mostKnown && oldest !== undefined) this.#known.delete(oldest);
    return asked;
  }

  async #readTwice(pull: ProvedPull, signal: AbortSignal): Promise<string> {
    try {
      return await this.#read(pull, signal);
    } catch (error) {
      const mayPass = error instanceof GithubError && error.isPassing && error.askedMs === 0;
      if (!mayPass || signal.aborted) throw error;
      return this.#read(pull, signal);
    }
  }

  async #read({ repository, number }: ProvedPull, signal: AbortSignal): Promise<string> {
    const path = `${pathOf(repository.name)}/pulls/${number}`;
    const asked = this.#app.call<PullAnswer>(repository, { method: 'GET', path, signal });
    const answer = await asked.catch((error: unknown) => {
      const isRefused = error instanceof GithubError && [403, 404].includes(error.status);
      throw isRefused && !error.isPassing ? new UnreadablePull(error.message, error.status) : error;
    });
    return expected(answer, typeof answer?.head?.sha === 'string', 'pull request').head.sha;
  }
}
