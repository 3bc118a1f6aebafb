import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { untilFree, untilSome } from '../support/action-ends.ts';
import {
  type PhaseResult,
  runMain,
  runPost,
  type StepOptions,
  sha,
  startMain,
} from '../support/action-harness.ts';
import { useLab } from '../support/action-lab.ts';
import { onGithub, pullRequest } from '../support/action-stage.ts';
import { type FakeGithub, startFakeGithub } from '../support/github/fake-github.ts';
import { rowsOf } from '../support/nightly.ts';

const folder = mkdtempSync(join(tmpdir(), 'qgjob-ends-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const lab = useLab({
  'tests/fine.sh': 'echo fine >> "$QGJOB_PARAM_IN/log"',
  // Does what the file says.
  'tests/odd.sh': 'echo odd >> "$QGJOB_PARAM_IN/log"; eval "$(cat "$QGJOB_PARAM_IN/do")"',
});

/** A job of a workflow whose attempts are steps of their own. */
interface Workflow {
  readonly github: FakeGithub;
  /** What `tests/odd.sh` does from now on. */
  does(line: string): void;
  /** What ran since the last call. */
  ran(): string[];
  step(attempt: number, more?: { readonly runId?: string; readonly head?: string }): Promise<StepOptions>;
}

let runs = 7000;
async function openWorkflow(): Promise<Workflow> {
  const place = mkdtempSync(join(folder, 'run-'));
  const [log, todo] = [join(place, 'log'), join(place, 'do')];
  const github = await startFakeGithub();
  runs += 10;
  const ownId = String(runs);
  return {
    github,
    does: (line) => writeFileSync(todo, line),
    ran() {
      const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
      rmSync(log, { force: true });
      return lines.sort();
    },
    async step(attempt, { runId = ownId, head = '2'.repeat(40) } = {}) {
      const env = { GITHUB_RUN_ID: runId, GITHUB_RUN_ATTEMPT: String(attempt) };
      const id = await checkOfJob(github, runId);
      const inputs = { tests: 'tests/*.sh', params: `IN=${place}`, 'max-retries': '0', 'check-run-id': id };
      const event = pullRequest({ number: Number(ownId), sha: head });
      return (await onGithub(lab(), { 'app-version-id': 'v1', ...inputs }, { github, event, env })).step;
    },
  };
}

/** The check run that GitHub itself shows for the job of a workflow run, by its id. */
async function checkOfJob(github: FakeGithub, runId: string): Promise<string> {
  const headers = { authorization: `Bearer ${github.token()}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ name: `app-tests of ${runId}`, head_sha: sha, status: 'in_progress' });
  const asked = { method: 'POST', headers, body };
  const answer = await fetch(`${github.url}/repos/acme/app/check-runs`, asked);
  return String(((await answer.json()) as { id: number }).id);
}

/** Starts the first attempt, and does this once one test has passed while the other one runs. */
async function interrupt(
  workflow: Workflow,
  how: (id: string, step: StepOptions) => Promise<unknown>,
  signal?: NodeJS.Signals,
) {
  workflow.does('exec sleep 300');
  const step = await workflow.step(1);
  const phase = startMain(step);
  const [, id = ''] = await phase.logged(/Run (run_\S+): http/);
  await phase.logged(/passed: tests\/fine/);
  await untilSome(lab(), id, 'running');
  if (signal) phase.child.kill(signal);
  await how(id, step);
  return { id, step, result: await phase.done };
}

interface Row {
  /** Runs the first attempt to its end. */
  readonly first: (workflow: Workflow) => Promise<PhaseResult>;
  readonly conclusion: string | undefined;
  /** What the second attempt runs. */
  readonly again: readonly string[];
}

const ended = (line: string) => async (workflow: Workflow) => {
  workflow.does(line);
  return runMain(await workflow.step(1));
};
const nothing = async (): Promise<void> => undefined;

const rows: Readonly<Record<string, Row>> = {
  'passed (only "Re-run all jobs" asks for it)': {
    ...{ first: ended('true'), conclusion: 'success', again: ['fine', 'odd'] },
  },
  failed: { first: ended('exit 1'), conclusion: 'failure', again: ['odd'] },
  errored: { first: ended('exit 75'), conclusion: 'failure', again: ['odd'] },
  'was cancelled': {
    async first(workflow) {
      const { step, result } = await interrupt(workflow, nothing, 'SIGINT');
      await runPost(step, result);
      return result;
    },
    ...{ conclusion: 'cancelled', again: ['odd'] },
  },
  'was killed, and post cancelled it': {
    async first(workflow) {
      const { step, result } = await interrupt(workflow, nothing, 'SIGKILL');
      await runPost(step, result);
      return result;
    },
    ...{ conclusion: '', again: ['odd'] },
  },
  'was lost with its runner, and still runs': {
    first: async (workflow) => (await interrupt(workflow, nothing, 'SIGKILL')).result,
    ...{ conclusion: '', again: ['odd'] },
  },
  'was superseded by a newer push': {
    async first(workflow) {
      const newer = async (): Promise<void> => {
        workflow.does('true');
        const runId = String(runs + 1);
        const result = await runMain(await workflow.step(1, { runId, head: '3'.repeat(40) }));
        expect(result, result.log).toMatchObject({ code: 0, outputs: { conclusion: 'success' } });
      };
      const { result } = await interrupt(workflow, newer);
      expect(result.summary).toContain('the run was superseded by one of a newer commit');
      return result;
    },
    ...{ conclusion: 'neutral', again: ['odd'] },
  },
};

test.each(rowsOf(rows, ['was cancelled', 'was lost with its runner, and still runs']))(
  'the second attempt of a job whose first one %s',
  async (_, row) => {
    const workflow = await openWorkflow();
    const first = await row.first(workflow);
    expect(first.outputs.conclusion, first.log).toBe(row.conclusion);
    expect(first.code).toBe(row.conclusion === 'success' ? 0 : row.conclusion === '' ? null : 1);
    workflow.ran();
    workflow.does('true');
    const second = await runMain(await workflow.step(2));
    expect(second, second.log).toMatchObject({
      ...{ code: 0, stderr: '' },
      outputs: { status: 'passed', conclusion: 'success', total: '2', passed: '2', failed: '0' },
    });
    expect(workflow.ran()).toEqual(row.again);
    const isPart = row.again.length === 1;
    if (isPart) expect(second.summary).toContain('1 job passed in an earlier attempt');
    else expect(second.summary).not.toContain('in an earlier attempt');
    // What was left of the first run does not go on beside it.
    const old = await untilFree(lab(), first.outputs['run-id'] ?? '');
    expect(old.finished_at).not.toBeNull();
    const ours = workflow.github.checks.filter(({ external_id: id }) =>
      id?.startsWith(second.outputs['run-id'] ?? '-'),
    );
    expect(ours).toMatchObject([{ status: 'completed', conclusion: 'success' }]);
    expect(workflow.github.problems).toEqual([]);
  },
);
