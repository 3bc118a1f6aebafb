import { type End, failed, passed, superseded } from './end.ts';
import type { EndsLab } from './lab.ts';

const github = {
  ...{ repository: 'acme/app', repository_id: '77', pr_number: 12, ref: 'refs/pull/12/merge' },
  ...{ event_name: 'pull_request', workflow: 'tests', job: 'e2e', check_name: 'qgjob (emulator)' },
  run_attempt: 1,
};
/** A target without devices. */
export const nobody = { target: 'device/nobody', allow_no_device: true };

const from = (runId: string, sha: string) => ({
  supersede: true,
  github: { ...github, run_id: runId, sha: sha.repeat(40) },
});
const older = from('100', 'a');

/** Submits the run of a newer commit; returns the id of the older run. */
async function supersede(lab: EndsLab, id: string): Promise<string> {
  await lab.submit({ ...from('101', 'b'), ...nobody });
  return id;
}

/** A running test of a superseded run reports its verdict before it is stopped. */
async function finishSuperseded(lab: EndsLab, report: { verdict: 'passed' | 'failed' }): Promise<string> {
  const { runId, agent } = await lab.startJob(older);
  await supersede(lab, runId);
  await agent.finish(report);
  return runId;
}

/** Ends of runs that a newer commit of their pull request has superseded. */
export const endsByANewerCommit: readonly End[] = [
  {
    ...{ name: 'superseded in the queue', ...superseded, outcomes: ['cancelled'] },
    make: async (lab) => supersede(lab, await lab.submit({ ...older, ...nobody })),
  },
  {
    ...{ name: 'superseded while it runs', ...superseded, outcomes: ['cancelled'] },
    make: async (lab) => supersede(lab, await lab.submitSlow(older)),
  },
  {
    ...{ name: 'passed though superseded', ...passed, outcomes: ['passed'] },
    run: { status: 'passed', conclusion: 'success', reason: 'superseded' },
    make: (lab) => finishSuperseded(lab, { verdict: 'passed' }),
  },
  {
    ...{ name: 'failed though superseded', ...failed, outcomes: ['failed'] },
    run: { status: 'failed', conclusion: 'failure', reason: 'superseded' },
    make: (lab) => finishSuperseded(lab, { verdict: 'failed' }),
  },
];
