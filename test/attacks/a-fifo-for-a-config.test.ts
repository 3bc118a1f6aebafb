import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { expect, onTestFinished, test } from 'vitest';
import { startAgentProcess } from '../../agent/test-support/agent-process.ts';
import { FakeServer } from '../../agent/test-support/fake-server.ts';
import { makeWorkspace } from '../../agent/test-support/host.ts';
import { leaseOf } from '../../agent/test-support/leases.ts';
import { projectRoot } from '../support/sources.ts';

async function bundleOf(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const entries = Object.entries(files).map(([name, body]) => ({
    header: { name, size: Buffer.byteLength(body), type: 'file' as const },
    body,
  }));
  return gzipSync(await packTar(entries));
}

const suite = {
  'a.spec.ts': '',
  'b.sh': 'exit 0',
  'playwright.config.ts': `import './base'; export default {};`,
  'base.ts': 'export default {};',
};
const fifo = (path: string): string => `mkdir -p "$(dirname ${path})"; rm -f ${path}; mkfifo ${path}`;
const zeros = (path: string): string => `ln -sf /dev/zero ${path}`;
const huge = (path: string): string => `truncate -s 400M ${path}`;

test.each([
  ['a FIFO for the configuration', fifo('playwright.config.ts')],
  ['a device for the configuration', zeros('playwright.config.ts')],
  ['400 MB for the configuration', huge('playwright.config.ts')],
  ['a FIFO for what the configuration imports', fifo('base.ts')],
  ['a device for what the configuration imports', zeros('base.ts')],
  ['a FIFO for the manifest of the framework', fifo('node_modules/@playwright/test/package.json')],
  [
    'a device for the manifest of the framework',
    `mkdir -p node_modules/@playwright/test; ${zeros('node_modules/@playwright/test/package.json')}`,
  ],
])('a suite whose set-up puts %s in its place keeps no agent from its next lease', async (_what, script) => {
  const server = await FakeServer.start();
  onTestFinished(() => server.close());
  const bytes = await bundleOf({ ...suite, 'spoil.sh': script });
  server.source = bytes;
  const root = makeWorkspace({
    'qgjob.agent.json': JSON.stringify({
      devices: [{ driver: 'simulated', target: 'emulator' }],
      frameworks: { default: 'playwright', command: { test: ['sh', '{test}'] } },
      setup: ['sh', 'spoil.sh'],
    }),
  });
  startAgentProcess(root, { serverUrl: server.url });
  const source = { kind: 'bundle' as const, sha256: createHash('sha256').update(bytes).digest('hex') };
  server.grant(leaseOf(['a.spec.ts'], { framework: 'playwright', source }));
  expect(await server.verdict('job_a_spec_ts')).toMatchObject({ verdict: 'error' });
  server.grant(leaseOf(['b.sh'], { source }));
  expect(await server.verdict('job_b_sh')).toMatchObject({ verdict: 'passed' });
});

test.each(['mkfifo package.json', 'ln -s /dev/zero package.json'])(
  'Detox is looked for beside what `%s` has made, and nothing waits',
  (line) => {
    const root = makeWorkspace();
    execFileSync('sh', ['-c', line], { cwd: root });
    const program = `
      import { detoxPreset } from ${JSON.stringify(join(projectRoot, 'agent/frameworks/detox/preset.ts'))};
      console.log(JSON.stringify(detoxPreset({}).group(process.cwd(), [{ testPath: 'a.test.js' }])));`;
    // Its own process, which this one can end.
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: root,
      encoding: 'utf8',
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    expect(stdout).toContain('there is no configuration of Detox above the test');
  },
);
