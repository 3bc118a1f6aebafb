import type { StepOptions } from './action-harness.ts';
import type { Lab } from './action-lab.ts';
import { type FakeGithub, startFakeGithub, type TokenRights } from './github/fake-github.ts';

/** The head commit of the pull requests here. */
export const head = '2'.repeat(40);

type Event = NonNullable<StepOptions['event']>;

/** The event of a pull request into the repository of the steps; `from` is the id of its own, null for one that is gone. */
export const pullRequest = ({
  number = 7,
  from = 4711,
  sha = head,
}: {
  readonly number?: number;
  readonly from?: number | null;
  readonly sha?: string;
} = {}): Event => ({
  name: 'pull_request',
  payload: {
    pull_request: {
      number,
      head: { sha, repo: from === null ? null : { id: from } },
      base: { ref: 'main', repo: { id: 4711 } },
    },
  },
});

export interface OnGithub extends Partial<StepOptions> {
  /** What the workflow's token may do; by default write everything. */
  readonly rights?: Partial<TokenRights>;
  /** By default a new one. */
  readonly github?: FakeGithub;
}

/** A step in a workflow of a GitHub, whose tests are not retried. */
export async function onGithub(
  lab: Lab,
  inputs: Readonly<Record<string, string>>,
  { rights, github: given, ...more }: OnGithub = {},
): Promise<{ readonly github: FakeGithub; readonly step: StepOptions }> {
  const github = given ?? (await startFakeGithub());
  const githubToken = github.token(rights);
  const env = { GITHUB_API_URL: github.url, ...more.env };
  return { github, step: lab.step({ 'retry-failed-tests': '0', ...inputs }, { ...more, githubToken, env }) };
}

/** Does the work for each item, so many at a time; answers in the order of the items. */
export async function several<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const left = [...items.entries()];
  const next = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) results[one[0]] = await work(one[1]);
  };
  await Promise.all(Array.from({ length: atOnce }, next));
  return results;
}
