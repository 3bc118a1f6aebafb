import { expect, test } from 'vitest';
import { openStandInCollector } from '../test/support/stand-in-collector.ts';
import { newContext, parseTraceparent, toTraceparent } from './trace-context.ts';
import { traceSettings, traceSubmit } from './trace-submit.ts';
import { openTracer, Tracer } from './tracer.ts';

const parent = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };

test('a span comes to the collector with its parent, its times and what went wrong', async () => {
  const collector = await openStandInCollector();
  const tracer = new Tracer({ endpoint: collector.url, service: 'qgjob-test', version: '1' });
  const span = tracer.start('work', parent, { 'qgjob.job': 'job_1', left: undefined });
  span.end('timeout', { n: 3 });
  await tracer.close();
  expect(collector.spans).toMatchObject([
    {
      ...{ service: 'qgjob-test', name: 'work', traceId: parent.traceId, parentSpanId: parent.spanId },
      attributes: [
        { key: 'qgjob.job', value: { stringValue: 'job_1' } },
        { key: 'n', value: { doubleValue: 3 } },
      ],
      status: { code: 2, message: 'timeout' },
    },
  ]);
  const [one] = collector.spans;
  const ms = Number(BigInt(one?.startTimeUnixNano ?? 0) / 1_000_000n);
  expect(Math.abs(ms - (performance.timeOrigin + performance.now()))).toBeLessThan(60_000);
  expect(BigInt(one?.endTimeUnixNano ?? 0)).toBeGreaterThanOrEqual(BigInt(one?.startTimeUnixNano ?? 0));
});

test('many spans go in few calls, and no more are kept than there is room for', async () => {
  const collector = await openStandInCollector();
  const tracer = new Tracer({ endpoint: `${collector.url}/v1/traces`, service: 'x' });
  for (let n = 0; n < 3000; n += 1) tracer.start(`n${n}`).end();
  await tracer.close();
  expect(collector.spans).toHaveLength(2048);
  expect(collector.calls()).toBe(8);
  expect(tracer.dropped).toBe(952);
});

test.each([
  ['is not there', () => Promise.resolve({ url: 'http://127.0.0.1:9' })],
  ['refuses', () => openStandInCollector({ status: 503 })],
  ['never answers', () => openStandInCollector({ holds: true })],
])('spans are dropped where the collector %s, and an end waits no longer than it may', async (_, open) => {
  const { url } = await open();
  const tracer = new Tracer({ endpoint: url, service: 'x' });
  for (let n = 0; n < 600; n += 1) tracer.start('lost').end();
  const from = performance.now();
  await tracer.close(200);
  expect(performance.now() - from).toBeLessThan(2000);
  expect(tracer.dropped).toBe(600);
});

test('traceparent is read and written as W3C has it, and anything else is none', () => {
  expect(parseTraceparent(toTraceparent(parent))).toEqual(parent);
  const bad = [
    '',
    'x',
    toTraceparent({ ...parent, traceId: '0'.repeat(32) }),
    toTraceparent(parent).toUpperCase(),
  ];
  for (const text of [undefined, ...bad]) expect(parseTraceparent(text)).toBeUndefined();
  expect(newContext(parent)).toMatchObject({ traceId: parent.traceId });
  expect(newContext().traceId).toMatch(/^[0-9a-f]{32}$/);
});

test('without an endpoint nothing is traced: no span, no field in the submit', async () => {
  expect(openTracer(undefined, 'x')).toBeUndefined();
  expect(openTracer('', 'x')).toBeUndefined();
  const trace = traceSubmit(traceSettings({ TRACEPARENT: toTraceparent(parent) }), 'x');
  expect(trace.body).toEqual({});
  expect(await trace.submitting(async () => 7)).toBe(7);
  await trace.end();
});

test('a submit below the span of its environment has that trace', async () => {
  const collector = await openStandInCollector();
  const env = { QGJOB_OTLP_ENDPOINT: collector.url, TRACEPARENT: toTraceparent(parent) };
  const trace = traceSubmit(traceSettings(env), 'qgjob-cli');
  await expect(trace.submitting(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  await trace.end();
  const [run] = collector.named('qgjob run');
  expect(run).toMatchObject({ traceId: parent.traceId, parentSpanId: parent.spanId });
  expect(trace.body.traceparent).toBe(toTraceparent({ traceId: parent.traceId, spanId: run?.spanId ?? '' }));
  expect(collector.named('qgjob submit')).toMatchObject([
    { parentSpanId: run?.spanId, status: { code: 2, message: 'refused' } },
  ]);
});
