import { parseTraceparent, toTraceparent } from './trace-context.ts';
import { openTracer } from './tracer.ts';

/** What a program that submits was told about traces by its environment. */
export interface TraceSettings {
  /** Undefined: nothing is traced. */
  readonly endpoint: string | undefined;
  /** The span that it is itself below. */
  readonly traceparent: string | undefined;
}

/** The variables that say so. */
export const traceSettings = (env: Readonly<Record<string, string | undefined>>): TraceSettings => ({
  endpoint: env.QGJOB_OTLP_ENDPOINT,
  traceparent: env.TRACEPARENT,
});

/** A submit and the wait for its end as one span, and the call that submits below it. */
export interface SubmitTrace {
  /** For the body of the submit. */
  readonly body: { readonly traceparent?: string };
  /** Runs the call that submits. */
  submitting<T>(call: () => Promise<T>): Promise<T>;
  /** The wait is over. Takes two seconds at most. */
  end(error?: string): Promise<void>;
}

const nothing: SubmitTrace = { body: {}, submitting: (call) => call(), end: async () => undefined };

/** Begins the span of a run. Without an endpoint it does nothing, and the body says nothing. */
export function traceSubmit({ endpoint, traceparent }: TraceSettings, service: string): SubmitTrace {
  const tracer = openTracer(endpoint, service);
  if (!tracer) return nothing;
  const run = tracer.start('qgjob run', parseTraceparent(traceparent));
  return {
    body: { traceparent: toTraceparent(run.context) },
    async submitting(call) {
      const span = tracer.start('qgjob submit', run.context);
      try {
        const answer = await call();
        span.end();
        return answer;
      } catch (error) {
        span.end(String((error as Error).message));
        throw error;
      }
    },
    async end(error) {
      run.end(error);
      await tracer.close();
    },
  };
}
