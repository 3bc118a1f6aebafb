import type { Inputs } from '../inputs/inputs.ts';

const forMs = 5000;

/**
 * The name of the check run that shows this job, like `first call / app tests`: it alone tells two calls of a reusable workflow
 * apart. Undefined where it cannot be read (no token, no permission, a GitHub that is away): then they look alike, and where
 * that matters the server runs everything.
 */
export async function readCheckName(
  { githubToken: token, checkRunId: id }: Pick<Inputs, 'githubToken' | 'checkRunId'>,
  repository: string,
): Promise<string | undefined> {
  if (token === '' || repository === '' || !/^\d{1,15}$/.test(id)) return undefined;
  try {
    const { openGithub } = await import('../github/open-github.ts');
    const api = await openGithub({ token, repository, forMs });
    const route = 'GET /repos/{owner}/{repo}/check-runs/{check_run_id}';
    const { name } = await api.retry(() => api.once<{ name?: unknown }>(route, { check_run_id: Number(id) }));
    return typeof name === 'string' && name !== '' ? name.slice(0, 500) : undefined;
  } catch {
    return undefined;
  }
}
