import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runMain } from '../support/action-harness.ts';
import { useLab } from '../support/action-lab.ts';
import { onGithub, pullRequest } from '../support/action-stage.ts';
import { tempFolder } from '../support/queue.ts';
import { writeFiles } from '../support/workspace-files.ts';

const lab = useLab({ 'tests/one.sh': 'echo one' });

/** A test file with the cases `adds` and `pays`, of which these fail. */
function cart(failing: readonly string[]): string {
  const cases = ['adds', 'pays'].map((name) =>
    failing.includes(name)
      ? `<testcase name="${name}"><failure message="${name} no more"/></testcase>`
      : `<testcase name="${name}"/>`,
  );
  const report = `<testsuite name="cart">${cases.join('')}</testsuite>`;
  return `cat > "$QGJOB_JUNIT" <<'END'\n${report}\nEND\nexit ${failing.length === 0 ? 0 : 1}\n`;
}

/** A checkout with one commit more, in which these cases fail; answers the commit. */
function commit(folder: string, failing: readonly string[]): string {
  const git = (...words: string[]): string =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...words], {
      encoding: 'utf8',
    }).trim();
  writeFiles(folder, { 'tests/one.sh': 'echo one', 'tests/cart.sh': cart(failing) });
  git('init', '--quiet');
  git('add', 'tests');
  git('commit', '--quiet', '--allow-empty', '--message', failing.join(' and ') || 'none');
  return git('rev-parse', 'HEAD');
}

test('with fail-on: new a pull request is green with what fails on its base, says so, and is red with a new case beside it', async () => {
  const workspace = join(tempFolder(), 'checkout');
  const inputs = { tests: 'tests/*.sh', 'fail-on': 'new', comment: 'always' };
  const onPush = async (failing: readonly string[]) => {
    const env = { GITHUB_SHA: commit(workspace, failing), GITHUB_REF: 'refs/heads/main' };
    return runMain((await onGithub(lab(), inputs, { workspace, env })).step);
  };
  const onPull = async (failing: readonly string[]) => {
    const env = { GITHUB_SHA: commit(workspace, failing), GITHUB_REF: 'refs/pull/7/merge' };
    const { github, step } = await onGithub(lab(), inputs, { workspace, env, event: pullRequest() });
    return { github, result: await runMain(step) };
  };

  const base = await onPush(['adds']);
  expect(base, base.log).toMatchObject({ code: 1, outputs: { conclusion: 'failure', failed: '1' } });

  const known = await onPull(['adds']);
  expect(known.result, known.result.log).toMatchObject({
    ...{ code: 0, stderr: '' },
    outputs: { status: 'passed', conclusion: 'success', passed: '1', failed: '1' },
  });
  expect(known.result.summary).toContain('known');
  expect(known.result.commands.filter(({ name }) => name === 'error')).toEqual([]);
  expect(known.github.checks).toMatchObject([
    { conclusion: 'success', output: { title: '2 jobs: 1 known to fail, 1 passed' } },
  ]);

  const fresh = await onPull(['adds', 'pays']);
  expect(fresh.result, fresh.result.log).toMatchObject({
    ...{ code: 1, stderr: '' },
    outputs: { status: 'failed', conclusion: 'failure', passed: '1', failed: '1' },
  });
  expect(fresh.result.summary).toContain('pays no more');
  expect(fresh.github.checks).toMatchObject([
    { conclusion: 'failure', output: { title: '2 jobs: 1 failed, 1 passed' } },
  ]);
  expect(fresh.github.comments[0]?.body).toContain('#### Failed: app-tests');
});
