import { expect, onTestFinished } from 'vitest';
import { runMain } from './action-harness.ts';
import type { Lab } from './action-lab.ts';
import { onGithub, pullRequest, several } from './action-stage.ts';
import type { Fault } from './github/fake-github.ts';
import { type ProxyRule, startProxy } from './proxy.ts';

/** One fault of a server's call and one of a call to GitHub. */
export interface Faults {
  readonly server: ReturnType<ProxyRule>;
  readonly github: Pick<Fault, 'answer' | 'done'>;
}

/** Of the workspace: one test passes and one fails. */
export const faultFiles = { 'tests/one.sh': 'echo one', 'tests/fails.sh': 'echo why; exit 1' };

// More calls than such a step makes of the server; of GitHub it makes fewer.
const mostCalls = 16;

/**
 * Steps of pull requests: in the n-th, the n-th call of the server and the n-th call of GitHub fail, and every call that
 * comes `steps` later. Each step has its verdict, one run, one check run and one comment. Answers how many calls there
 * were at least.
 */
export async function failEachCall(
  lab: Lab,
  faultsOf: (n: number) => Faults,
  steps = mostCalls,
): Promise<{ readonly server: number; readonly github: number }> {
  const numbers = Array.from({ length: steps }, (_, n) => n);
  const calls = await several(numbers, 3, (n) => failCall(lab, n, steps, faultsOf(n)));
  return {
    server: Math.min(...calls.map(({ server }) => server)),
    github: Math.min(...calls.map(({ github }) => github)),
  };
}

async function failCall(lab: Lab, n: number, every: number, faults: Faults) {
  let calls = 0;
  const proxy = await startProxy(lab.url, () => {
    calls += 1;
    return (calls - 1) % every === n ? faults.server : undefined;
  });
  onTestFinished(proxy.close);
  const version = `fault-${crypto.randomUUID()}`;
  const { github, step } = await onGithub(
    lab,
    { tests: 'tests/*.sh', comment: 'always', 'server-url': proxy.url, 'app-version-id': version },
    { event: pullRequest() },
  );
  github.inject(
    { ...faults.github, after: n },
    // Counted in the calls that no other fault has hit.
    { ...faults.github, after: n + every - 1 },
  );
  const result = await runMain(step);
  const words = `fault at call ${n} of the server, ${n} of GitHub (${github.calls.map(({ operation }) => operation)}):\n${result.log}`;
  expect(result, words).toMatchObject({
    ...{ code: 1, stderr: '' },
    outputs: { status: 'failed', conclusion: 'failure', total: '2', passed: '1', failed: '1' },
  });
  expect(result.summary, words).toContain('1 of 2 jobs failed');
  const { runs } = await lab.client.call('listRuns', { query: { app_version_id: version } });
  expect(runs, words).toMatchObject([{ run_id: result.outputs['run-id'], status: 'failed' }]);
  expect(github.checks, words).toMatchObject([
    { name: 'qgjob (emulator)', status: 'completed', conclusion: 'failure' },
  ]);
  expect(github.checks[0]?.annotations, words).toHaveLength(1);
  expect(github.comments, words).toMatchObject([{ reactions: [] }]);
  expect(github.comments[0]?.body, words).toContain('#### Failed: app-tests');
  expect(github.problems, words).toEqual([]);
  return { server: calls, github: github.calls.length };
}
