import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { untilFile, untilTrue } from '../../agent/test-support/host.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import { makeAgentToken } from '../support/agent-token.ts';
import { makeFolder, type RunningCli, runCli, startCli } from '../support/processes.ts';
import { openRelay } from '../support/relay.ts';
import { agentFile } from '../support/workspace-files.ts';

// Shorter than the outage, so that the lease is over its TTL when the server is back and lives by the rescuer's wait.
const times = { QGJOB_LEASE_TTL_MS: '10000', QGJOB_HEARTBEAT_MS: '1000' };

const files = {
  'qgjob.agent.json': agentFile({ name: 'rack' }),
  'slow.sh': 'echo begun >> starts; until [ -e go ]; do sleep 0.02; done; echo the last words',
};

async function startServer(cwd: string): Promise<{ server: RunningCli; url: string }> {
  const server = startCli(['server', '--port=0'], { cwd, env: times });
  const [, url = ''] = await server.sees(/^qgjob server listening on (http:\S+)$/m);
  return { server, url };
}

const spooled = (cwd: string): boolean => {
  const folder = join(cwd, '.qgjob/agent/rack/spool');
  return existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.spool'));
};

test('a verdict survives the end of its agent and of its lease while the server is away, as attempt 1', async () => {
  const cwd = makeFolder(files);
  const first = await startServer(cwd);
  const relay = await openRelay(first.url);
  const token = readFileSync(join(cwd, '.qgjob/admin.token'), 'utf8').trim();
  const env = { QGJOB_SERVER_URL: relay.url, QGJOB_TOKEN: token };
  const own = { ...env, QGJOB_TOKEN: await makeAgentToken(first.url, token) };
  const agent = startCli(['agent'], { cwd, env: own });
  const submit = [
    ...['submit', '--org-id=acme', '--app-version-id=v1', '--test=slow.sh', '--framework=command'],
    '--source=workspace',
  ];
  const [jobId = ''] = (await runCli(submit, { cwd, env })).stdout.match(/job_\S+/) ?? [];
  await untilFile(join(cwd, 'starts'));

  await first.server.stop();
  writeFileSync(join(cwd, 'go'), '');
  await untilTrue(() => spooled(cwd));
  const ended = await agent.stop();
  expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining('slow.sh: its verdict stays in ') });

  const second = await startServer(cwd);
  relay.connectTo(second.url);
  const next = startCli(['agent'], { cwd, env: own });
  await next.sees(/slow\.sh: the verdict of an earlier start was taken: passed/);
  await next.sees(/agent rack serves/);
  const status = await runCli(['status', jobId, '--json'], { cwd, env });
  const job = JSON.parse(status.stdout) as Job;
  expect(job).toMatchObject({ status: 'passed', outcome: 'passed', attempt: 1, crashes: 0, releases: 0 });
  expect(readFileSync(join(cwd, 'starts'), 'utf8')).toBe('begun\n');
  expect((await runCli(['logs', jobId], { cwd, env })).stdout).toMatch(/the last words\n\[qgjob\] passed/);
  expect(spooled(cwd)).toBe(false);
});
