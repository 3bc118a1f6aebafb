import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeAgentToken } from '../support/agent-token.ts';
import { makeFolder, runCli, startCli } from '../support/processes.ts';
import { startTestServer } from '../support/server.ts';
import { type CameSpan, openStandInCollector } from '../support/stand-in-collector.ts';
import { agentFile } from '../support/workspace-files.ts';

const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const files = {
  'qgjob.agent.json': agentFile({ name: 'rack', install: ['true'] }),
  'tell.sh': 'echo "$TRACEPARENT" > told; exit 0',
};

/** A server, an agent and a submit as processes; traced or not. */
async function runOnce(trace: Record<string, string>, endpoint: string | undefined) {
  const cwd = makeFolder(files);
  const server = await startTestServer({ flags: { ...(endpoint && { otlp_endpoint: endpoint }) } });
  const env = { QGJOB_SERVER_URL: server.url, QGJOB_TOKEN: server.adminToken, ...trace };
  const token = await makeAgentToken(server.url, server.adminToken);
  const agent = startCli(['agent'], { cwd, env: { ...env, QGJOB_TOKEN: token } });
  await agent.sees(/agent rack serves/);
  const submit = ['submit', '--org-id=acme', '--app-version-id=v1', '--test=tell.sh', '--framework=command'];
  const ended = await runCli([...submit, '--source=workspace', '--wait'], {
    cwd,
    env: { ...env, ...(endpoint && { TRACEPARENT: parent }) },
  });
  expect(ended.code, ended.stderr).toBe(0);
  await agent.stop();
  await server.close();
  const [, runId = ''] = /(run_\S+)/.exec(ended.stdout) ?? [];
  return { told: readFileSync(join(cwd, 'told'), 'utf8').trim(), runId, log: server.log };
}

test('a run is one trace: submit, queued, lease, install, attempt and report, and the test has its place in it', async () => {
  const collector = await openStandInCollector();
  const { told } = await runOnce({ QGJOB_OTLP_ENDPOINT: collector.url }, collector.url);
  const one = (name: string): CameSpan => {
    const found = collector.named(name);
    expect(found.map((span) => span.traceId)).toEqual(['0af7651916cd43dd8448eb211c80319c']);
    return found[0] as CameSpan;
  };
  const run = one('qgjob run');
  const lease = one('qgjob lease');
  const attempt = one('qgjob attempt');
  expect(run).toMatchObject({ service: 'qgjob-cli', parentSpanId: 'b7ad6b7169203331' });
  expect(one('qgjob submit')).toMatchObject({ service: 'qgjob-cli', parentSpanId: run.spanId });
  expect(one('qgjob queued')).toMatchObject({ service: 'qgjob-server', parentSpanId: run.spanId });
  expect(lease).toMatchObject({ service: 'qgjob-agent', parentSpanId: run.spanId });
  expect(one('qgjob install')).toMatchObject({ service: 'qgjob-agent', parentSpanId: lease.spanId });
  expect(attempt).toMatchObject({ service: 'qgjob-agent', parentSpanId: lease.spanId });
  expect(one('qgjob report')).toMatchObject({ service: 'qgjob-agent', parentSpanId: attempt.spanId });
  expect(told).toBe(`00-${attempt.traceId}-${attempt.spanId}-01`);
  for (const span of collector.spans)
    expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano));
  expect(BigInt(attempt.startTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(lease.startTimeUnixNano));
});

test('a collector that is away costs no verdict, and without the option nothing is sent or told', async () => {
  const lost = await runOnce({ QGJOB_OTLP_ENDPOINT: 'http://127.0.0.1:9' }, 'http://127.0.0.1:9');
  expect(lost.told).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-/);
  expect((await runOnce({}, undefined)).told).toBe('');
});
