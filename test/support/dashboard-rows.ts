import { crc32, deflateSync } from 'node:zlib';
import type { BodyOf } from '../../protocol/contracts.ts';
import type { Lease } from '../../protocol/shapes/agent.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import { addOrg, type TestServer } from './server.ts';
import { type Fleet, World } from './world.ts';

const sha = '4f1d2c7be0a9481c9d0c6c1e5a7d3f2b8e6a9c01';
const branch = { repository: 'acme/shop', repository_id: '1', ref: 'refs/heads/main', event_name: 'push' };
const github = (ref: string, more = {}) => ({
  ...{ ...branch, ref, sha, code_sha: sha, workflow: 'app tests', job: 'e2e', check_name: 'app tests / e2e' },
  ...{ run_id: '7100', run_attempt: 1, ...more },
});

const failure = `Error: expect(received).toBe(expected)

- Expected  - "45.00"
+ Received  + "50.00"

  12 |   await page.getByText('Pay').click();
> 13 |   expect(await page.total()).toBe('45.00');
     |                              ^
  14 | });
    at tests/checkout.spec.ts:13:30`;

const log = [
  '\u001b[1m\u001b[34mRunning 3 tests using 1 worker\u001b[0m',
  '  \u001b[32m✓\u001b[0m  1 checkout.spec.ts:3:1 › shows the basket \u001b[2m(1.2s)\u001b[0m',
  '  \u001b[31m✘\u001b[0m  2 checkout.spec.ts:9:1 › checkout takes 10 % off \u001b[2m(4.7s)\u001b[0m',
  '  \u001b[33m±\u001b[0m  3 checkout.spec.ts:20:1 › sends a receipt \u001b[2m(2.2s)\u001b[0m',
  '    \u001b[41m FAIL \u001b[0m the total of the checkout is wrong, and this line is so long that it does not fit into a window of a phone, nor into most of the others that people have',
  ...Array.from({ length: 60 }, (_, n) => `[qgjob] checkout step ${n + 1}: tap “Pay”, wait for the receipt`),
].join('\n');

/** What a dashboard is looked at with: runs that ended in every way, one that waits, devices in several states. */
export async function fillDashboard(server: TestServer) {
  const tokens = await addOrg(server, 'acme');
  const world = new World(server, tokens);
  const fleet = await world.fleet();
  const submit = async (body: Partial<BodyOf<'submitRun'>>) =>
    (await world.submit({ target: fleet.target, retry_failed_tests: 0, ...body })).run;
  const green = await submit({
    app_version_id: 'shop-2.3.9',
    tests: ['tests/login.spec.ts', 'tests/checkout.spec.ts', 'tests/search.spec.ts'],
    github: github('refs/heads/main'),
  });
  await runAll(world, fleet, () => passed);
  const red = await submit({
    app_version_id: 'shop-2.4.0',
    tests: [
      'login',
      'checkout',
      'search',
      'profile',
      'a-very-long-name-of-a-test-file-that-goes-on-and-on-and-on',
    ].map((name) => `tests/${name}.spec.ts`),
    github: github('refs/heads/main', { run_id: '7101' }),
    metadata: { device_lab: 'Berlin', by: 'nightly' },
  });
  let failedJob = '';
  await runAll(world, fleet, (path, jobId) => {
    if (!path.includes('checkout')) return path.includes('profile') ? broken : passed;
    failedJob = jobId;
    return failed;
  });
  const waiting = await submit({
    app_version_id: 'shop-2.4.1',
    tests: ['tests/login.spec.ts', 'tests/pay.spec.ts'],
    target: 'device/galaxy-s24',
    allow_no_device: true,
  });
  return { tokens, world, green, red, waiting, failedJob };
}

type Verdict = Omit<BodyOf<'finishJob'>, 'attempt'>;

const passed: Verdict = {
  ...{ verdict: 'passed', duration_ms: 5200 },
  tests: [{ name: 'opens', status: 'passed', duration_ms: 5000, file: 'tests/login.spec.ts', line: 3 }],
};
const broken: Verdict = {
  verdict: 'error',
  error_class: 'rejected',
  error: 'the workspace is at another commit',
  duration_ms: 40,
};
const failed: Verdict = {
  ...{
    verdict: 'failed',
    duration_ms: 8100,
    error: 'expect(received).toBe(expected): checkout takes 10 % off',
  },
  tests: [
    {
      name: 'shows the basket',
      status: 'passed',
      duration_ms: 1200,
      file: 'tests/checkout.spec.ts',
      line: 3,
    },
    {
      name: 'checkout › takes 10 % off',
      status: 'failed',
      duration_ms: 4700,
      file: 'tests/checkout.spec.ts',
      line: 9,
      message: failure,
    },
    {
      name: 'sends a receipt',
      status: 'flaky',
      duration_ms: 2200,
      file: 'tests/checkout.spec.ts',
      line: 20,
      message: 'Error: timeout at first',
    },
  ],
};

/** Runs what is queued for the device, until nothing is. */
async function runAll(world: World, fleet: Fleet, verdictOf: (path: string, jobId: string) => Verdict) {
  for (;;) {
    const lease = await world.server.as(world.tokens.agent).call('takeLease', { body: world.poll(fleet) });
    if (!lease) return;
    await world.of(lease).call('reportInstalled', {
      params: { id: lease.lease_id },
      body: { ok: true, duration_ms: 40, installs: 1 },
    });
    for (const job of lease.jobs) await runOne(world, lease, job, verdictOf(job.test_path, job.job_id));
    await world.of(lease).call('releaseLease', { params: { id: lease.lease_id } });
  }
}

async function runOne(world: World, lease: Lease, job: Lease['jobs'][number], verdict: Verdict) {
  const params = { id: lease.lease_id, job_id: job.job_id };
  const client = world.of(lease);
  await client.call('startJob', { params, body: { attempt: 1 } });
  await client.call('appendLogs', {
    params,
    query: { attempt: 1, offset: 0 },
    body: new TextEncoder().encode(log),
  });
  if (verdict.verdict === 'failed')
    for (const [name, bytes] of Object.entries({
      'checkout/test-failed-1.png': picture(),
      'checkout/trace.zip': new Uint8Array([80, 75, 5, 6]),
      'notes.html': new TextEncoder().encode('<script>1</script>'),
    }))
      await client.call('uploadArtifact', {
        params: { ...params, name },
        query: { attempt: 1 },
        body: new Blob([bytes as Uint8Array<ArrayBuffer>]),
      });
  await client.call('finishJob', { params, body: { attempt: 1, ...verdict } });
}

/** A small picture of a phone's screen, as PNG. */
function picture(): Uint8Array {
  const [width, height] = [180, 320];
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const isBar = y < 44 || (y > 270 && x > 20 && x < 160 && y < 305);
      const isRow = y > 60 && y < 250 && y % 48 < 34 && x > 14 && x < 166;
      rows.set(
        isBar ? [11, 110, 79] : isRow ? [226, 232, 238] : [250, 250, 252],
        y * (1 + width * 3) + 1 + x * 3,
      );
    }
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [size, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    size.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([size, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

export type DashboardRows = Awaited<ReturnType<typeof fillDashboard>> & { readonly red: Run };
