import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { beforeAll, expect, test } from 'vitest';
import { outerPrefix } from '../folders.ts';
import { untilFile } from '../test-support/host.ts';
import { leaseOf } from '../test-support/leases.ts';
import { startTestAgent, type TestAgent, type TestAgentOptions } from '../test-support/start-agent.ts';

let archive: Buffer;
beforeAll(async () => {
  const files = { 'a.sh': 'echo of the bundle', 'b.sh': 'exit 0' };
  const entries = Object.entries(files).map(([name, text]) => ({
    header: { name, size: text.length, type: 'file' as const },
    body: text,
  }));
  archive = gzipSync(await packTar(entries));
});

const bundleLease = () => {
  const sha256 = createHash('sha256').update(archive).digest('hex');
  return leaseOf(['a.sh', 'b.sh'], { source: { kind: 'bundle', sha256 } });
};
const start = (bytes: Uint8Array = archive, options: TestAgentOptions = {}) =>
  startTestAgent({
    ...options,
    prepare: (server) => {
      server.source = bytes;
    },
  });
/** The folders of leases that are still there. */
const foldersOf = ({ agent }: TestAgent): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(outerPrefix(agent.config)));

test('the jobs of a bundle run in a folder that goes with the lease', async () => {
  const started = await start();
  const { server, stop } = started;
  server.grant(bundleLease());
  expect(await server.verdict('job_b_sh')).toMatchObject({ verdict: 'passed' });
  expect(server.logOf('job_a_sh')).toContain('of the bundle');
  await stop();
  expect(foldersOf(started)).toEqual([]);
});

test('a bundle that twice comes with other bytes is an infra_error of one job; the others are given back', async () => {
  const { server, lines } = await start(Buffer.from('something else'));
  server.grant(bundleLease());
  await server.until(() => server.callsOf('releaseLease').length === 1);
  expect(server.story).toEqual(['getLeaseSource', 'getLeaseSource', 'finishJob', 'releaseLease']);
  expect(server.verdictOf('job_a_sh')).toMatchObject({
    error_class: 'infra_error',
    error: expect.stringMatching(/^what came for bundle [0-9a-f]{64} are other bytes than its hash says$/),
  });
  expect(lines.join('\n')).toMatch(/a\.sh {2}infra_error: what came for bundle/);
});

test('a page of a proxy is no bundle: it is asked for again', async () => {
  const { server } = await start();
  server.standBetween('getLeaseSource', 200);
  server.grant(bundleLease());
  expect(await server.verdict('job_a_sh')).toMatchObject({ verdict: 'passed' });
});

test('a drain cuts a download short, and gives everything back', async () => {
  const started = await start();
  const { server, stop } = started;
  const release = server.hold('getLeaseSource');
  server.grant(bundleLease());
  await server.until(() => server.callsOf('getLeaseSource').length === 1);
  expect(await stop()).toBe(0);
  release();
  expect(server.story).toEqual(['getLeaseSource', 'releaseLease']);
  expect(foldersOf(started)).toEqual([]);
});

test('a lost lease ends its download; the slot that waits for the same bundle gets it', async () => {
  const { server } = await start(archive, { count: 2 });
  const release = server.hold('getLeaseSource');
  server.grant(bundleLease());
  await server.until(() => server.callsOf('getLeaseSource').length === 1);
  const [lost = ''] = server.granted.keys();
  const { jobs, ...lease } = bundleLease();
  server.grant({ ...lease, jobs: jobs.slice(1) });
  await server.until(() => server.granted.size === 2);
  server.giveNews({ lost });
  await server.until(() => server.callsOf('getLeaseSource').length === 2);
  release();
  expect(await server.verdict('job_b_sh')).toMatchObject({ verdict: 'passed' });
  expect(server.verdictOf('job_a_sh')).toBeUndefined();
});

test('a drain ends a set-up, and gives everything back', async () => {
  const { server, root, stop } = await start(archive, {
    settings: { setup: ['sh', '-c', 'touch "$HOME/begun"; sleep 600'] },
  });
  server.grant(bundleLease());
  await untilFile(join(root, 'begun'));
  expect(await stop()).toBe(0);
  expect(server.story).toEqual(['getLeaseSource', 'releaseLease']);
});
