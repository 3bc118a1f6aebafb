import { isFinal } from '../../../protocol/states.ts';
import { cancelRun, findRun, listJobs, retryRun } from '../../queue/runs/index.ts';
import { toRun } from '../../queue/store/to-wire.ts';
import type { Action, Page } from '../page.ts';
import { Card } from '../parts/card.tsx';
import { Counts } from '../parts/counts.tsx';
import { Link } from '../parts/link.tsx';
import { plain } from '../parts/plain.ts';
import { ActionButton } from '../parts/post-form.tsx';
import { Status } from '../parts/status.tsx';
import { Table } from '../parts/table.tsx';

/** One run. */
export const runPage: Page = {
  path: '/runs/:id',
  scope: 'read',
  async show({ queue }, call) {
    const id = call.param('id');
    const run = toRun(await findRun(queue, id, call.owner), queue.settings.publicUrl);
    const { jobs } = await listJobs(queue, { run_id: id, limit: 200 }, call.owner);
    return {
      title: id,
      section: 'runs',
      live: { runId: id },
      body: (
        <>
          <div class="page-head">
            <h1>{id}</h1>
            {call.may('submit') && (
              <div class="buttons">
                {isFinal(run.status) ? (
                  <ActionButton action={`/runs/${id}/retry`}>Retry failed</ActionButton>
                ) : (
                  <ActionButton action={`/runs/${id}/cancel`} danger>
                    Cancel
                  </ActionButton>
                )}
              </div>
            )}
          </div>
          <Card title="Tests" id="tests" aside={<Counts counts={run.counts} />}>
            <Table
              caption="Tests"
              rows={jobs}
              columns={[
                {
                  name: 'Test',
                  kind: 'main',
                  cell: (job) => <Link to={`/jobs/${job.job_id}`}>{plain(job.test_path)}</Link>,
                },
                { name: 'Status', cell: (job) => <Status of={job.status} /> },
              ]}
              empty="No test"
            />
          </Card>
        </>
      ),
    };
  },
};

export const cancelRunAction: Action = {
  path: '/runs/:id/cancel',
  scope: 'submit',
  async act({ queue }, call) {
    await cancelRun(queue, call.param('id'), call.owner);
    return `/runs/${call.param('id')}`;
  },
};

export const retryRunAction: Action = {
  path: '/runs/:id/retry',
  scope: 'submit',
  async act({ queue }, call) {
    const { run } = await retryRun(queue, { id: call.param('id'), only: 'failed' }, call.owner);
    return `/runs/${run.run_id}`;
  },
};
