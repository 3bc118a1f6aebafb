import { QgjobError } from '../../../protocol/errors.ts';
import { eventHeaders, streamEvents } from '../../calls/stream-events.ts';
import { findRun } from '../../queue/runs/index.ts';
import { findJob } from '../../queue/store/read-job.ts';
import type { Resource } from '../page.ts';

/** What happens, for the script of a page: the same as `GET /v1/events`, by the session. */
export const eventsResource: Resource = {
  path: '/events',
  scope: 'read',
  async answer({ queue, feed }, { query, viewer, owner, principal, header, signal, isLive }) {
    const [runId, jobId] = [query('run_id'), query('job_id')];
    if (runId !== undefined) await findRun(queue, runId, owner);
    if (jobId !== undefined) await findJob(queue, jobId, owner);
    const recheck = async () => {
      if (!(await isLive())) throw new QgjobError('unauthorized', 'the session has ended');
    };
    // A script that connects again by itself says by the query where it was.
    const after = header('last-event-id') ?? query('after');
    const filter = { viewer, runId, jobId };
    const chunks = streamEvents(queue, feed, { filter, tokenId: principal.tokenId, after, signal, recheck });
    return { status: 200, headers: eventHeaders, chunks, endsItself: true };
  },
};
