import { beforeEach, describe, expect, test } from 'vitest';
import { createAgentClient } from '../../client/agent-client.ts';
import { type Client, createClient } from '../../client/index.ts';
import { mintToken } from '../../server/auth/token-format.ts';
import { badTokens, deafReaders, halfOpen, idleStreams } from './lab/attackers.ts';
import { type SmallServer, startSmallServer } from './lab/small-server.ts';

/** A flood of one org or of strangers, while another org submits: with few descriptors, since these run out first. */
const openFiles = 256;
const submits = 40;

let server: SmallServer;
/** Of the org that is flooding, and of the one that works. */
let flooding: string;
let working: Client;

beforeEach(async () => {
  server = await startSmallServer(openFiles);
  const operator = createClient({ url: server.url, token: server.operator });
  const tokenOf = async (orgId: string) => {
    await operator.call('createOrg', { body: { org_id: orgId } });
    const body = { name: 'ci', org_id: orgId, scopes: ['submit' as const] };
    return (await operator.call('createToken', { body })).token;
  };
  flooding = await tokenOf('flooding');
  // Without a retry: each answer counts.
  working = createAgentClient({ url: server.url, token: await tokenOf('working') }, { forMs: 0 });
});

/** Submits as a pipeline does; throws where one is refused. */
async function work(): Promise<void> {
  for (let n = 0; n < submits; n += 1)
    await working.call('submitRun', { body: { app_version_id: `v${n}`, tests: ['a.spec.ts'] } });
}

/** Works before, during and after; then the server has what it had before. */
async function survives(flood: () => Promise<{ end(): Promise<void> }>): Promise<void> {
  await work();
  const before = { files: server.openFiles(), mib: server.residentMib() };
  const attack = await flood();
  await work();
  await attack.end();
  await work();
  await expect.poll(() => server.openFiles()).toBeLessThanOrEqual(before.files + 8);
  expect(server.residentMib()).toBeLessThan(before.mib + 150);
}

describe('an org works on while others flood the server with', () => {
  test('500 connections that never say what they want', async () => {
    await survives(async () => {
      const attack = await halfOpen(server.url, 500);
      // The older ones made room.
      expect(attack.answers.closed ?? 0).toBeGreaterThan(0);
      return attack;
    });
  });

  test('2000 streams of one token', async () => {
    await survives(async () => {
      const attack = await idleStreams(server.url, flooding, 2000);
      expect(attack.answers['200']).toBeLessThanOrEqual(50);
      expect(attack.answers['429']).toBeGreaterThan(1000);
      return attack;
    });
  });

  test('10 000 bad tokens', async () => {
    await survives(async () => {
      const attack = await badTokens(server.url, 10_000, () => mintToken('sub').token);
      expect(attack.answers['401']).toBeGreaterThan(0);
      expect(attack.answers['429']).toBeGreaterThan(9000);
      return attack;
    });
  });
});

test('64 readers of a log of 10 MiB who read nothing keep neither memory nor others', async () => {
  const { path } = await aLogOfTenMebibytes();
  await survives(async () => {
    const attack = await deafReaders(server.url, flooding, path, 64);
    expect(attack.answers['200']).toBeGreaterThan(0);
    return attack;
  });
});

/** A job of the flooding org that has the longest log. */
async function aLogOfTenMebibytes() {
  const operator = createAgentClient({ url: server.url, token: server.operator }, { forMs: 0 });
  const submitter = createClient({ url: server.url, token: flooding });
  const { jobs } = await submitter.call('submitRun', {
    body: { app_version_id: 'v1', tests: ['a.spec.ts'] },
  });
  const boot_id = 'boot-of-rack';
  const offered = { name: 'rack', boot_id, version: '1', devices: [{ name: 'd', target: 'emulator' }] };
  const { devices } = await operator.call('registerAgent', { body: offered });
  const lease = await operator.call('takeLease', {
    body: { lease_id: 'lease-of-the-log', boot_id, device_id: devices[0]?.device_id ?? '', installed: null },
  });
  const job = jobs[0]?.job_id ?? '';
  const own = operator.as(lease?.token ?? '');
  const params = { id: 'lease-of-the-log', job_id: job };
  await own.call('startJob', { params, body: { attempt: 1 } });
  const chunk = new TextEncoder()
    .encode('a line of the log of a test\n'.repeat(37_449))
    .subarray(0, 1024 * 1024);
  for (let n = 0; n < 10; n += 1)
    await own.call('appendLogs', { params, query: { attempt: 1, offset: n * chunk.length }, body: chunk });
  return { path: `/v1/jobs/${job}/logs` };
}
