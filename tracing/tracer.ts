import { type Attributes, type EndedSpan, toOtlp } from './otlp.ts';
import { newContext, type SpanContext } from './trace-context.ts';

export interface TracerOptions {
  /** The address of a collector that takes OTLP over HTTP, like `http://127.0.0.1:4318`. */
  readonly endpoint: string;
  /** The program: `qgjob-server` and the like. */
  readonly service: string;
  readonly version?: string | undefined;
}

/** A span that goes on. */
export interface OpenSpan {
  readonly context: SpanContext;
  /** `error`: why it went wrong. */
  end(error?: string, attributes?: Attributes): void;
}

// Spans are worth little: where the collector is away or slow they are dropped, and nothing waits for them.
const mostKept = 2048;
const perBatch = 256;
const sendEveryMs = 1000;
const callLimitMs = 5000;

/** Sends spans to a collector, some at a time. It never throws and delays nothing but its own `close`. */
export class Tracer {
  readonly #url: string;
  readonly #resource: Attributes;
  #kept: EndedSpan[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending: Promise<void> | undefined;
  #dropped = 0;

  constructor({ endpoint, service, version }: TracerOptions) {
    const base = endpoint.replace(/\/+$/, '');
    this.#url = base.endsWith('/v1/traces') ? base : `${base}/v1/traces`;
    this.#resource = { 'service.name': service, 'service.version': version };
  }

  /** Epoch ms, without the jumps of the host's clock. */
  now(): number {
    return performance.timeOrigin + performance.now();
  }

  /** How many spans nobody took. */
  get dropped(): number {
    return this.#dropped;
  }

  start(name: string, parent?: SpanContext, attributes: Attributes = {}): OpenSpan {
    const context = newContext(parent);
    const from = this.now();
    return {
      context,
      end: (error, more = {}) =>
        this.add({
          context,
          parent,
          name,
          from,
          to: this.now(),
          attributes: { ...attributes, ...more },
          error,
        }),
    };
  }

  /** Takes a span that is over. */
  add(span: EndedSpan): void {
    if (this.#kept.length >= mostKept) this.#dropped += 1;
    else this.#kept.push(span);
    this.#timer ??= setTimeout(() => void this.#flush(callLimitMs), sendEveryMs);
    this.#timer.unref?.();
  }

  /** Sends what is left, for at most `limitMs`. */
  async close(limitMs = 2000): Promise<void> {
    await this.#flush(limitMs);
  }

  async #flush(limitMs: number): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#sending;
    this.#sending = this.#sendAll(AbortSignal.timeout(limitMs)).finally(() => {
      this.#sending = undefined;
    });
    await this.#sending;
  }

  async #sendAll(signal: AbortSignal): Promise<void> {
    while (this.#kept.length > 0) {
      const batch = this.#kept.splice(0, perBatch);
      if (await this.#send(batch, signal)) continue;
      // A collector that does not take these takes no others now.
      this.#dropped += batch.length + this.#kept.length;
      this.#kept = [];
    }
  }

  async #send(batch: readonly EndedSpan[], signal: AbortSignal): Promise<boolean> {
    try {
      const response = await fetch(this.#url, {
        ...{ method: 'POST', redirect: 'manual', signal },
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(toOtlp(this.#resource, batch)),
      });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }
}

/** Undefined where no collector is named: then nothing is traced. */
export const openTracer = (
  endpoint: string | undefined,
  service: string,
  version?: string,
): Tracer | undefined =>
  endpoint && URL.canParse(endpoint) ? new Tracer({ endpoint, service, version }) : undefined;
