import { QgjobError } from '../../protocol/errors.ts';
import { eventHeaders, streamEvents } from '../calls/stream-events.ts';
import { viewerOf } from '../calls/viewer-of.ts';
import { findRun } from '../queue/runs/index.ts';
import { findJob } from '../queue/store/read-job.ts';
import type { Handlers } from './handler.ts';

export const eventHandlers: Pick<Handlers, 'followEvents'> = {
  async followEvents({ queue, feed }, { query, principal, header, signal, recheck }) {
    const { org_id: orgId, run_id: runId, job_id: jobId, wait_ms: waitMs } = query;
    const viewer = viewerOf(principal, orgId);
    if (runId !== undefined) await findRun(queue, runId, viewer).catch(asUnknown('run'));
    if (jobId !== undefined) await findJob(queue, jobId, viewer).catch(asUnknown('job'));
    const chunks = streamEvents(queue, feed, {
      ...{ filter: { viewer, runId, jobId }, tokenId: principal.tokenId, after: header('last-event-id') },
      ...{ waitMs, signal, recheck },
    });
    return { status: 200, headers: eventHeaders, chunks, endsItself: true };
  },
};

/** Without the id: whoever looks through a stream for what is none of theirs finds nothing in it. */
const asUnknown =
  (what: string) =>
  (error: unknown): never => {
    if (error instanceof QgjobError && error.code === 'not_found')
      throw new QgjobError('not_found', `there is no ${what} with this id`);
    throw error;
  };
