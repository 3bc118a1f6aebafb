import type { Lease, LeasedJob } from '../../protocol/shapes/agent.ts';
import {
  newContext,
  parseTraceparent,
  type SpanContext,
  toTraceparent,
} from '../../tracing/trace-context.ts';
import type { OpenSpan, Tracer } from '../../tracing/tracer.ts';
import type { AttemptResult } from '../reports/attempt-result.ts';

/** The spans of leases, below those of their submits. Where nothing is traced, all of this does nothing. */
export class LeaseTraces {
  readonly #tracer: Tracer | undefined;
  /** By lease. */
  readonly #spans = new Map<string, OpenSpan>();
  /** Of the attempt of a job, known before it begins: the test is told. */
  readonly #attempts = new WeakMap<LeasedJob, SpanContext>();

  constructor(tracer: Tracer | undefined) {
    this.#tracer = tracer;
  }

  /** A lease begins. It belongs to the trace of its first job. */
  open({ lease_id, jobs, target, install }: Lease, device: string): void {
    const parent = parseTraceparent(jobs[0]?.traceparent);
    if (!this.#tracer || !parent) return;
    const attributes = { 'qgjob.lease': lease_id, 'qgjob.target': target, 'qgjob.device': device };
    const words = { ...attributes, 'qgjob.jobs': jobs.length, 'qgjob.install': String(install) };
    this.#spans.set(lease_id, this.#tracer.start('qgjob lease', parent, words));
  }

  /** Sends what is left; nothing waits longer for it than two seconds. */
  async end(): Promise<void> {
    await this.#tracer?.close();
  }

  close(leaseId: string): void {
    this.#spans.get(leaseId)?.end();
    this.#spans.delete(leaseId);
  }

  /** An install of a lease took `ms`, up to now. */
  installed(leaseId: string, ms: number, error: string | undefined): void {
    const parent = this.#spans.get(leaseId)?.context;
    if (!this.#tracer || !parent) return;
    const to = this.#tracer.now();
    this.#tracer.add({
      context: newContext(parent),
      parent,
      name: 'qgjob install',
      from: to - ms,
      to,
      error,
    });
  }

  /** What the test gets as TRACEPARENT: the span of its attempt; where the agent traces nothing, that of the submit. */
  traceparent(job: LeasedJob): string | undefined {
    if (!this.#tracer) return job.traceparent;
    const context = this.#contextOf(job);
    return context && toTraceparent(context);
  }

  /** An attempt took `ms`, up to now; `report` brings its verdict to the server. */
  async reported<T>(
    leaseId: string,
    job: LeasedJob,
    { verdict, error_class: errorClass }: Pick<AttemptResult, 'verdict' | 'error_class'>,
    ms: number,
    report: () => Promise<T>,
  ): Promise<T> {
    const tracer = this.#tracer;
    const context = this.#contextOf(job);
    if (!tracer || !context) return report();
    const submit = parseTraceparent(job.traceparent);
    const lease = this.#spans.get(leaseId)?.context;
    const to = tracer.now();
    tracer.add({
      ...{ context, parent: lease?.traceId === context.traceId ? lease : submit },
      ...{ name: 'qgjob attempt', from: to - ms, to },
      attributes: {
        ...{ 'qgjob.job': job.job_id, 'qgjob.test': job.test_path, 'qgjob.attempt': job.next_attempt },
        ...{ 'qgjob.verdict': verdict, 'qgjob.error_class': errorClass },
      },
      error: verdict === 'passed' ? undefined : (errorClass ?? verdict),
    });
    const span = tracer.start('qgjob report', context);
    try {
      return await report();
    } finally {
      span.end();
    }
  }

  #contextOf(job: LeasedJob): SpanContext | undefined {
    const submit = parseTraceparent(job.traceparent);
    if (!submit) return undefined;
    const known = this.#attempts.get(job) ?? newContext(submit);
    this.#attempts.set(job, known);
    return known;
  }
}
