import { deviceNames } from '../../queue/fleet/index.ts';
import { findRun, listDeadLetters, runsOf } from '../../queue/runs/index.ts';
import { toRun } from '../../queue/store/to-wire.ts';
import type { Page, PageCall, WebDeps } from '../page.ts';
import { Card } from '../parts/card.tsx';
import { Pager } from '../parts/pager.tsx';
import { readCursor } from '../read-query.ts';
import { DeadTable } from './dead-letters/dead-table.tsx';
import { Made, type MadeRun } from './dead-letters/made.tsx';

/** Jobs that ended red and were not tried again, newest first. */
export const deadLettersPage: Page = {
  path: '/dead-letters',
  scope: 'read',
  async show(deps, call) {
    const { queue } = deps;
    const cursor = readCursor(call, /^\d{1,15}$/);
    const { jobs, next_cursor: next } = await listDeadLetters(queue, { cursor }, call.viewer);
    const [runs, devices, made] = await Promise.all([
      runsOf(
        queue,
        jobs.map(({ run_id: id }) => id),
      ),
      deviceNames(
        queue,
        jobs.flatMap(({ device_id: id }) => id ?? []),
      ),
      readMade(deps, call),
    ]);
    return {
      title: 'Dead letters',
      section: 'dead-letters',
      live: {},
      body: (
        <>
          <div class="page-head">
            <div>
              <h1>Dead letters</h1>
              <p class="hint">
                Tests that ended as failed or errored, and that no later run has tried again.
              </p>
            </div>
          </div>
          {made && <Made made={made} />}
          <Card title={cursor === undefined ? 'Newest first' : 'Older ones'} id="dead-letters">
            <DeadTable {...{ jobs, runs, devices }} mayRetry={call.may('submit')} />
            <Pager to="/dead-letters" cursor={cursor} next={next} />
          </Card>
        </>
      ),
    };
  },
};

/** What the form before this page has made, where it was one. */
async function readMade({ queue }: WebDeps, call: PageCall): Promise<MadeRun | undefined> {
  const id = call.query('made');
  if (id === undefined || !/^run_[0-9a-f]{32}$/.test(id)) return undefined;
  const run = toRun(await findRun(queue, id, call.owner), queue.settings.publicUrl);
  return { run, wasThere: call.query('again') !== undefined };
}
