/** The place of a span: its trace and itself, as hex. */
export interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
}

const pattern = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}$/;

/** Reads W3C's `traceparent`; undefined for any other text. */
export function parseTraceparent(text: string | undefined): SpanContext | undefined {
  const [, traceId, spanId] = pattern.exec(text ?? '') ?? [];
  return traceId === undefined || spanId === undefined ? undefined : { traceId, spanId };
}

/** The same as text, sampled. */
export const toTraceparent = ({ traceId, spanId }: SpanContext): string => `00-${traceId}-${spanId}-01`;

const hex = (bytes: number): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');

/** A new span: below `parent`, or the first of a trace of its own. */
export const newContext = (parent?: SpanContext): SpanContext => ({
  traceId: parent?.traceId ?? hex(16),
  spanId: hex(8),
});
