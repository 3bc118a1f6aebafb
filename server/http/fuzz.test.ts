import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Contract } from '../../protocol/contract.ts';
import { contracts } from '../../protocol/contracts.ts';
import { type RouteName, routes } from '../../protocol/routes.ts';
import { addOrg, newDataDir, openServer, type RawInput, type TestServer } from '../../test/support/server.ts';
import { World } from '../../test/support/world.ts';

let folder: string;
let server: TestServer;
let acme: World;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'qgjob-fuzz-'));
  server = await openServer(newDataDir(folder));
  acme = new World(server, await addOrg(server, 'acme'));
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const aBuild = { size: 1, sha256: '0'.repeat(64) };

/** A valid body for each call. The test replaces one part at a time with an odd value. */
const bodies: Partial<Record<RouteName, object>> = {
  submitRun: {
    app_version_id: 'v1',
    tests: ['a'],
    targets: ['emulator'],
    priority: 5,
    max_retries: 1,
    timeout_ms: 1000,
    delay_ms: 0,
    metadata: { a: 'b' },
    source: { kind: 'workspace' },
    github: { repository: 'a/b' },
  },
  submitJob: { app_version_id: 'v1', test_path: 'a', target: 'emulator', queue_timeout_ms: 1000 },
  registerAppVersion: {
    platform: 'android',
    url: 'https://example.com/a.apk',
    package_name: 'com.example',
    sha256: '0'.repeat(64),
  },
  openBundleUpload: { size: 1 },
  completeBundleUpload: { size: 1 },
  openAppUpload: aBuild,
  completeAppUpload: aBuild,
  openArtifactUpload: { attempt: 1, ...aBuild },
  completeArtifactUpload: { attempt: 1, ...aBuild, artifact_id: `art_${'0'.repeat(32)}` },
  retryRun: { only: 'all' },
  retryJob: { only: 'all' },
  patchAgent: { drain: true, paused: true },
  patchDevice: { paused: true },
  patchOrg: { paused: false, weight: 1, max_leases: null },
  createOrg: { org_id: 'other', weight: 1, max_leases: 1 },
  setGithub: [{ repository_owner_id: '11', repository_id: '1', events: ['push'], refs: ['refs/heads/a'] }],
  signInByGithub: { token: 'a.b.c', org_id: 'acme' },
  createWebhook: { url: 'https://ci.example.com/', events: ['run.finished'], org_id: 'acme' },
  rotateWebhook: { overlap_minutes: 1 },
  createToken: { name: 'x', org_id: 'acme', scopes: ['read'], expires_in_days: 1 },
  rotateToken: { overlap_minutes: 1 },
  registerAgent: {
    name: 'rack',
    boot_id: 'boot-of-rack',
    version: '1',
    devices: [
      { name: 'd', target: 'emulator', labels: { a: 'b' }, installed: { org_id: 'a', app_version_id: 'b' } },
    ],
  },
  takeLease: { lease_id: 'lease-1234', boot_id: 'boot-of-rack', device_id: 'dev_1', installed: null },
  heartbeat: { boot_id: 'boot-of-rack', leases: ['lease-1234'] },
  reportInstalled: { ok: false, duration_ms: 1, installs: 1, error_class: 'build_error', error: 'x' },
  startJob: { attempt: 1 },
  finishJob: {
    attempt: 1,
    verdict: 'failed',
    duration_ms: 1,
    error: 'x',
    provider: { name: 'a', session_id: 'b', url: 'c' },
    tests: [{ name: 'a', status: 'failed', duration_ms: 1, message: 'x', line: 1 }],
  },
  addQuarantine: {
    ...{ test_id: 'tst_1', owner: 'x', reason: 'y' },
    ...{ ends_at: '2100-01-01T00:00:00.000Z', lanes: ['merge_queue'] },
  },
  borrowDevice: { minutes: 1, note: 'x', org_id: 'acme' },
  createBorrow: { minutes: 1, note: 'x', org_id: 'acme', target: 'emulator', on_client_gone: 'cancel' },
  extendBorrow: { minutes: 1 },
  finishJobs: {
    jobs: [{ job_id: 'job-1', attempt: 1, verdict: 'error', error_class: 'timeout', duration_ms: 1 }],
  },
};

const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    '',
    0,
    -1,
    0.5,
    1e308,
    2 ** 53,
    '\u2028\u{1F600}',
    "'; DROP TABLE jobs",
    [],
  ),
  fc.string({ unit: 'binary' }),
  fc.jsonValue(),
);

/** The object with one part replaced, at any depth. */
function withOdd(value: unknown, path: number, strange: unknown): unknown {
  if (typeof value !== 'object' || value === null) return strange;
  const keys = Object.keys(value);
  const key = keys[path % (keys.length + 1)];
  if (key === undefined) return strange;
  const inner = withOdd(
    (value as Record<string, unknown>)[key],
    Math.floor(path / (keys.length + 1)),
    strange,
  );
  return Array.isArray(value) ? Object.assign([...value], { [key]: inner }) : { ...value, [key]: inner };
}

const names = Object.keys(routes) as RouteName[];

test('every call with a JSON body is tried here', () => {
  const withBody = names.filter(
    (name) => !['bytes', 'stream', undefined].includes((contracts[name] as Contract).body as string),
  );
  expect(Object.keys(bodies).sort()).toEqual(withBody.sort());
});

test.each(names)('%s answers whatever comes with less than 500', { timeout: 120_000 }, async (name) => {
  const { lease, job } = await acme.running();
  const known = {
    id: routes[name].path.includes('leases') ? lease.lease_id : job.job_id,
    job_id: job.job_id,
    name: 'shot.png',
  };
  const input = fc.record({
    strange: odd,
    path: fc.nat(10_000),
    id: fc.oneof(fc.constant(known.id), fc.string({ unit: 'binary', minLength: 1 })),
    query: fc.dictionary(
      fc.constantFrom(
        'limit',
        'cursor',
        'offset',
        'status',
        'org_id',
        'run_id',
        'attempt',
        'after_rev',
        'x',
        '__proto__',
      ),
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('1', 'run_1', 'queued', 'acme')),
      { maxKeys: 2 },
    ),
  });
  await fc.assert(
    fc.asyncProperty(input, async ({ strange, path, id, query }) => {
      const body = bodies[name];
      const call: RawInput = {
        params: { ...known, id: id.toWellFormed() },
        query: {
          ...Object.fromEntries(Object.entries(query).map(([key, value]) => [key, value.toWellFormed()])),
          // A stream of events is open until then.
          ...(name === 'followEvents' && { wait_ms: 1 }),
        },
        ...(body && { body: withOdd(body, path, strange) }),
      };
      const { status, text } = await server.ask(name, call);
      expect(status, text).toBeLessThan(500);
    }),
    {
      numRuns: Number(process.env.QGJOB_FUZZ_RUNS ?? 30),
      // The same bodies in every run; with QGJOB_SEED=… others.
      seed: Number(process.env.QGJOB_SEED ?? 20_260_101),
    },
  );
});
