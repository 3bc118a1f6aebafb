import { type Answer, ok, refusal } from './answers.ts';
import type { Call } from './read-call.ts';

/** The logs that a fake server was sent, by job. Appends as the real one does. */
export class FakeLogs {
  readonly #logs = new Map<string, Buffer>();

  textOf(jobId: string): string {
    return (this.#logs.get(jobId) ?? Buffer.alloc(0)).toString('utf8');
  }

  append({ params, query, body }: Call): Answer {
    const jobId = params.job_id ?? '';
    const log = this.#logs.get(jobId) ?? Buffer.alloc(0);
    const offset = Number(query.get('offset'));
    if (offset > log.length) return refusal('conflict', 'gap', { size: log.length });
    const next = Buffer.concat([log.subarray(0, offset), body as Buffer]);
    if (next.length > log.length) this.#logs.set(jobId, next);
    return ok({ size: Math.max(next.length, log.length) });
  }
}
