import { replyWithFile } from '../../calls/file-reply.ts';
import { openLogPieces } from '../../calls/log-pieces.ts';
import { readArtifact } from '../../queue/attempts/index.ts';
import { findJob, readAttempts, readJob } from '../../queue/store/read-job.ts';
import { LogLines } from '../log/log-lines.tsx';
import { type LogRef, readOn } from '../log/log-window.ts';
import type { Resource } from '../page.ts';
import { readNumber } from '../read-query.ts';
import { isLogOpen } from './job.tsx';

/** A file that an attempt left. What a browser would run it never shows, but saves: see `replyWithFile`. */
export const artifactResource: Resource = {
  path: '/artifacts/:id',
  scope: 'read',
  async answer({ queue, artifacts }, { param, owner, header }) {
    const artifact = await readArtifact(queue, param('id'), owner);
    const key = { jobId: artifact.job_id, artifactId: artifact.artifact_id };
    return replyWithFile(artifact, header, ({ start, end }) => artifacts.read(key, start, end));
  },
};

/** Lines of a log from a place on, for the script that adds them to the page. */
export const logResource: Resource = {
  path: '/jobs/:id/log',
  scope: 'read',
  async answer({ queue, logs }, call) {
    const id = call.param('id');
    const job = await readJob(queue, id, call.owner);
    const attempt = readNumber(call, 'attempt', { least: 1, most: 1000 }) ?? Math.max(1, job.attempt);
    // Asked before the log is read: what comes in between is read the next time.
    const isOpen = isLogOpen(job, await readAttempts(queue, id, call.owner), attempt);
    const log: LogRef = { logs, jobId: id, attempt, isOpen };
    const offset = readNumber(call, 'offset') ?? 0;
    const part = await readOn(log, offset, readNumber(call, 'line', { least: 1 }) ?? 1);
    const isMore = part.next < part.size && part.next > offset;
    return {
      status: 200,
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'x-next-offset': String(part.next),
        'x-next-line': String(part.nextLine),
        'x-log-state': isMore ? 'more' : isOpen ? 'open' : 'ended',
      },
      chunks: one(String(<LogLines lines={part.lines} />)),
    };
  },
};

/** The whole log of an attempt as it was printed. */
export const logFileResource: Resource = {
  path: '/jobs/:id/log.txt',
  scope: 'read',
  async answer({ queue, logs }, call) {
    const { id, attempt: last } = await findJob(queue, call.param('id'), call.owner);
    const attempt = readNumber(call, 'attempt', { least: 1, most: 1000 }) ?? Math.max(1, last);
    return {
      status: 200,
      headers: {
        'content-type': 'text/plain; charset=utf-8',
        'content-disposition': `attachment; filename="${id}-${attempt}.log"`,
      },
      chunks: await openLogPieces(logs, { jobId: id, attempt, offset: 0, end: await logs.size(id, attempt) }),
    };
  },
};

async function* one(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}
