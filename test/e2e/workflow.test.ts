import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { type PhaseResult, runMain, runPost } from '../support/action-harness.ts';
import { tempFolder } from '../support/queue.ts';
import { projectRoot } from '../support/sources.ts';
import { writeFiles } from '../support/workspace-files.ts';

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly if?: string;
}

const stepsOf = (path: string, job: string): readonly Step[] =>
  parse(readFileSync(join(projectRoot, path), 'utf8')).jobs[job].steps;

/** Runs steps of a job as a runner on Linux would: shell steps, and the Action itself. */
function openJob() {
  const temp = tempFolder();
  writeFiles(temp, { env: '' });
  const steps = new Map<string, PhaseResult>();
  const envFile = join(temp, 'env');
  const env = () => ({
    PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    HOME: temp,
    RUNNER_TEMP: temp,
    GITHUB_ENV: envFile,
    ...Object.fromEntries(
      readFileSync(envFile, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split(/=(.*)/s) as [string, string]),
    ),
  });
  const valueIn = (name: string): string => {
    const [context = '', key = '', ...path] = name.split('.');
    if (context === 'env') return (env() as Record<string, string>)[key] ?? '';
    const step = steps.get(key);
    if (context !== 'steps' || !step) throw new Error(`this runner does not know ${name}`);
    if (path[0] === 'outcome') return step.code === 0 ? 'success' : 'failure';
    return step.outputs[path[1] ?? ''] ?? '';
  };
  const fill = (given: Readonly<Record<string, string>> = {}) =>
    Object.fromEntries(
      Object.entries(given).map(([name, text]) => [
        name,
        String(text).replace(/\$\{\{ ([\w.-]+) \}\}/g, (_, one: string) => valueIn(one)),
      ]),
    );
  const shell = (script: string, more?: Step['env']) =>
    spawnSync('bash', ['-eo', 'pipefail', '-c', script], {
      cwd: projectRoot,
      env: { ...env(), ...fill(more) },
      encoding: 'utf8',
    });
  const act = async ({ id = '', with: inputs }: Step): Promise<void> => {
    const options = { inputs: fill(inputs), workspace: projectRoot };
    const main = await runMain(options);
    steps.set(id, main);
    await runPost(options, main);
  };
  return { shell, act };
}

test('the workflow that uses the Action against a server of its own does what its steps say', async () => {
  const steps = stepsOf('.github/workflows/ci.yml', 'e2e').filter(
    ({ run, uses }) => uses === './' || (run !== undefined && run !== 'npm ci'),
  );
  const job = openJob();
  onTestFinished(() => void job.shell('bash .github/stop-lab.sh'));
  for (const step of steps.filter((one) => one.if === undefined)) {
    if (step.uses) await job.act(step);
    else expect(job.shell(step.run ?? '', step.env)).toMatchObject({ status: 0 });
  }
});
