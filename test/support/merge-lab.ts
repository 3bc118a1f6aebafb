import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '../../client/index.ts';
import { makeFolder, startCli } from './processes.ts';
import { projectRoot } from './sources.ts';

/** The name of a test. */
const hostile = 'adds <img src=x onerror=alert(1)> ::error::x $(id) ../../x';
const head = `import { existsSync, writeFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
`;
/**
 * Files of one lease, which is cut by the end of its agent; what they do depends on files in the folder of the marks. The skipped
 * test is one of theirs: the page has to show it as skipped.
 */
const suiteOf = (marks: string) => ({
  'playwright.config.ts': `export default { testDir: 'tests', projects: [{ name: 'one' }] };`,
  'tests/a.spec.ts': `${head}test('passes', () => test.step('a step', () => undefined));
test('flaky', async ({}, info) => {
  writeFileSync(info.outputPath('words.txt'), 'words');
  await info.attach('words', { path: info.outputPath('words.txt') });
  if (existsSync('${marks}/flaky')) return;
  writeFileSync('${marks}/flaky', '');
  expect(1).toBe(2);
});`,
  'tests/b.spec.ts': `${head}test(${JSON.stringify(hostile)}, () => console.log('::error::x'));
test.describe('group', () => {
  test.skip('left out', () => undefined);
  test('fails', () => { throw new Error('no luck'); });
});`,
  'tests/c.spec.ts': `${head}test('stays once', async () => {
  if (existsSync('${marks}/stays')) return;
  writeFileSync('${marks}/stays', '');
  await new Promise(() => undefined);
});`,
});
/** What the page says of `a` and `b`. */
export const shown = [
  'tests/a.spec.ts › flaky: flaky, 2 runs',
  'tests/a.spec.ts › passes: expected, 1 run',
  `tests/b.spec.ts › ${hostile}: expected, 1 run`,
  'tests/b.spec.ts › fails: unexpected, 2 runs',
  'tests/b.spec.ts › left out: skipped, 1 run',
];

/** A server, an agent beside it that runs bundles with this project's Playwright, and a checkout of the suite. */
export async function openMergeLab() {
  const marks = makeFolder({});
  const cwd = makeFolder({
    'qgjob.agent.json': JSON.stringify({
      name: 'rack',
      devices: [{ driver: 'simulated', target: 'emulator' }],
      setup: ['ln', '-s', join(projectRoot, 'node_modules'), 'node_modules'],
    }),
  });
  // A lease of an agent that is gone ends soon.
  const times = { QGJOB_LEASE_TTL_MS: '10000', QGJOB_HEARTBEAT_MS: '1000' };
  const server = startCli(['server', '--port=0'], { cwd, env: times });
  const [, url = ''] = await server.sees(/^qgjob server listening on (http:\S+)$/m);
  const token = readFileSync(join(cwd, '.qgjob/admin.token'), 'utf8').trim();
  const operator = createClient({ url, token });
  await operator.call('createOrg', { body: { org_id: 'acme' } });
  await operator.call('patchOrg', { params: { id: 'acme' }, body: { untrusted_targets: ['emulator'] } });
  const startAgent = async () => {
    const agent = startCli(['agent'], { cwd });
    await agent.sees(/agent rack serves/);
    return agent;
  };
  const workspace = makeFolder(suiteOf(marks));
  const inputs = {
    ...{ 'server-url': url, token, 'org-id': 'acme', framework: 'playwright', tests: 'tests/*.spec.ts' },
  };
  const step = (more: Record<string, string> = {}) => ({ workspace, inputs: { ...inputs, ...more } });
  /** As `npm ci` would. */
  const install = () => symlinkSync(join(projectRoot, 'node_modules'), join(workspace, 'node_modules'));
  return { install, marks, url, token, client: createClient({ url, token }), workspace, startAgent, step };
}
