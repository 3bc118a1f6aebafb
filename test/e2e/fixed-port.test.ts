import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../../agent/test-support/free-port.ts';
import { createClient } from '../../client/index.ts';
import { makeFolder, startCli } from '../support/processes.ts';
import { projectRoot } from '../support/sources.ts';

interface Commit {
  /** What its server answers, and its tests expect. */
  readonly word: string;
  readonly port: number;
  readonly reuses: boolean;
  /** Where each test leaves its word; the tests wait for those of this list, so that both commits run at once. */
  readonly meeting: string;
  readonly awaited: readonly string[];
}

/** Run by Playwright, in the suite. */
const page = ({ word, port, meeting, awaited }: Commit): string => `
const { expect, test } = require('@playwright/test');
const { existsSync, writeFileSync } = require('node:fs');
test('is answered by its own server', async ({ request }) => {
  writeFileSync('${meeting}/${word}', '');
  for (const one of ${JSON.stringify(awaited)}) await expect.poll(() => existsSync('${meeting}/' + one), { timeout: 60_000 }).toBe(true);
  expect(await (await request.get('http://127.0.0.1:${port}/')).text()).toBe('${word}');
});`;

const makeCommit = (commit: Commit): string =>
  makeFolder({
    'package.json': '{"private":true}',
    'playwright.config.js': `module.exports = { timeout: 90_000, webServer: {
      command: 'node serve.cjs', url: 'http://127.0.0.1:${commit.port}/', reuseExistingServer: ${commit.reuses} } };`,
    'serve.cjs': `require('node:http').createServer((_, response) => response.end('${commit.word}')).listen(${commit.port}, '127.0.0.1');`,
    'tests/a.spec.js': page(commit),
    'tests/b.spec.js': page(commit),
  });

async function startFarm(network: 'own' | 'host') {
  const cwd = makeFolder({
    'qgjob.agent.json': JSON.stringify({
      name: 'rack',
      devices: [{ driver: 'simulated', target: 'emulator', count: 2 }],
      frameworks: { default: 'playwright', playwright: {} },
      setup: ['ln', '-s', join(projectRoot, 'node_modules'), 'node_modules'],
      network,
    }),
  });
  const server = startCli(['server', '--port=0'], { cwd });
  const [, url = ''] = await server.sees(/^qgjob server listening on (http:\S+)$/m);
  const token = readFileSync(join(cwd, '.qgjob/admin.token'), 'utf8').trim();
  const env = { QGJOB_SERVER_URL: url, QGJOB_TOKEN: token };
  // Beside the server it makes a token of its own.
  await startCli(['agent'], { cwd }).sees(/agent rack serves/);
  return { env, client: createClient({ url, token }) };
}

/** Both commits are submitted at once; answers how each submit ended, and what became of the jobs. */
async function runBoth(network: 'own' | 'host', reuses: boolean, isAtOnce: boolean) {
  const { env, client } = await startFarm(network);
  const words = ['one', 'two'];
  const common = { port: await freePort(), reuses, meeting: makeFolder({}), awaited: isAtOnce ? words : [] };
  // Where they are to meet, each has one file, or the first would have both devices.
  const tests = isAtOnce ? 'tests/a.spec.js' : 'tests/*.spec.js';
  const submits = words.map((word) => {
    const cwd = makeCommit({ word, ...common });
    const flags = ['--org-id=acme', `--app-version-id=${word}`, `--test=${tests}`, '--wait'];
    return startCli(['submit', ...flags], { cwd, env });
  });
  const codes = (await Promise.all(submits.map(({ ended }) => ended))).map(({ code }) => code);
  const { jobs } = await client.call('listJobs', { query: {} });
  const { devices } = await client.call('listDevices', { query: {} });
  return { codes, jobs, devices };
}

const alike = { status: 'passed', outcome: 'passed', attempt: 1 };

test('with networks of their own two commits run at once on one port, each with its own server', async () => {
  const { codes, jobs, devices } = await runBoth('own', true, true);
  expect(codes).toEqual([0, 0]);
  expect(jobs).toMatchObject([alike, alike]);
  expect(devices.map(({ status }) => status)).not.toContain('benched');
});

test.each([true, false])(
  'in the network of the host the second commit waits for the port (reuseExistingServer: %s)',
  async (reuses) => {
    const { codes, jobs, devices } = await runBoth('host', reuses, false);
    expect(codes).toEqual([0, 0]);
    expect(jobs).toMatchObject([alike, alike, alike, alike]);
    expect(devices.map(({ status }) => status)).not.toContain('benched');
  },
);
