/** What the runner sets in variables only, so that the toolkit's context lacks it. */
export interface RunnerEnvironment {
  /** Absolute: the folder of the job's checkouts. */
  readonly workspace: string;
  readonly repository: string;
  readonly repositoryId: string;
  /** What git needs to start. */
  readonly gitEnv: Readonly<Record<string, string>>;
}

export function readEnvironment(env: NodeJS.ProcessEnv = process.env): RunnerEnvironment {
  const passed = ['PATH', 'HOME', 'SystemRoot', 'USERPROFILE', 'PATHEXT'];
  return {
    workspace: env.GITHUB_WORKSPACE || process.cwd(),
    repository: env.GITHUB_REPOSITORY ?? '',
    repositoryId: env.GITHUB_REPOSITORY_ID ?? '',
    gitEnv: Object.fromEntries(passed.flatMap((name) => (env[name] ? [[name, env[name]]] : []))),
  };
}

/** Whether the job may ask GitHub for OIDC tokens: its permission `id-token: write` sets these. */
export const mayAskIdToken = (env: NodeJS.ProcessEnv = process.env): boolean =>
  Boolean(env.ACTIONS_ID_TOKEN_REQUEST_URL && env.ACTIONS_ID_TOKEN_REQUEST_TOKEN);

/** Everything that the step was given: whoever starts a program with it chooses what that gets. */
export const variables = (): NodeJS.ProcessEnv => process.env;
