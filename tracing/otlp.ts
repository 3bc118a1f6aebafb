import type { SpanContext } from './trace-context.ts';

export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** A span that is over. Instants in epoch ms. */
export interface EndedSpan {
  readonly context: SpanContext;
  readonly parent?: SpanContext | undefined;
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly attributes?: Attributes;
  /** Why it went wrong; undefined: it did not. */
  readonly error?: string | undefined;
}

const internal = 1;
const failed = 2;

const nanos = (ms: number): string => String(BigInt(Math.round(ms * 1000)) * 1000n);

const attributesOf = (attributes: Attributes) =>
  Object.entries(attributes).flatMap(([key, value]) => {
    if (value === undefined) return [];
    const typed = typeof value === 'number' ? { doubleValue: value } : { stringValue: value };
    return [{ key, value: typed }];
  });

/** The body of OTLP's `POST /v1/traces` in JSON. */
export const toOtlp = (service: Attributes, spans: readonly EndedSpan[]) => ({
  resourceSpans: [
    {
      resource: { attributes: attributesOf(service) },
      scopeSpans: [
        {
          scope: { name: 'qgjob' },
          spans: spans.map(({ context, parent, name, from, to, attributes = {}, error }) => ({
            ...context,
            ...(parent && { parentSpanId: parent.spanId }),
            ...{
              name,
              kind: internal,
              startTimeUnixNano: nanos(from),
              endTimeUnixNano: nanos(Math.max(from, to)),
            },
            attributes: attributesOf(attributes),
            ...(error !== undefined && { status: { code: failed, message: error.slice(0, 200) } }),
          })),
        },
      ],
    },
  ],
});
