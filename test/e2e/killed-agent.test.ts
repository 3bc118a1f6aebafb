import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../../agent/test-support/free-port.ts';
import { createClient } from '../../client/index.ts';
import { makeFolder, startCli } from '../support/processes.ts';
import { projectRoot } from '../support/sources.ts';

const isRoot = process.getuid?.() === 0;

/** Ends when nothing answers at this port any more. */
async function untilRefused(port: number): Promise<void> {
  const answers = async (): Promise<boolean> => {
    try {
      await (await fetch(`http://127.0.0.1:${port}/`)).text();
      return true;
    } catch {
      return false;
    }
  };
  while (await answers()) await new Promise((resolve) => setImmediate(resolve));
}

// Without isolation the agent is the parent of the servers; in namespaces a program stands between.
test.each([isRoot ? ('namespace' as const) : ('none' as const)])(
  'with the isolation %s the web servers of an agent that was killed end by themselves',
  async (isolation) => {
    const port = await freePort();
    const cwd = makeFolder({
      'qgjob.agent.json': JSON.stringify({
        name: 'rack',
        devices: [{ driver: 'simulated', target: 'emulator', count: 1 }],
        setup: ['ln', '-s', join(projectRoot, 'node_modules'), 'node_modules'],
        isolation,
        ...(isolation === 'namespace' && { isolation_visible: [projectRoot] }),
      }),
    });
    const suite = makeFolder({
      'package.json': '{"private":true}',
      'playwright.config.js': `module.exports = { webServer: { command: 'node serve.cjs', url: 'http://127.0.0.1:${port}/' } };`,
      'serve.cjs': `require('node:http').createServer((_, response) => response.end('up')).listen(${port}, '127.0.0.1');`,
      'tests/a.spec.js': `require('@playwright/test').test('stays', () => { console.log('it runs'); return new Promise(() => {}); });`,
    });
    const server = startCli(['server', '--port=0'], { cwd });
    const [, url = ''] = await server.sees(/^qgjob server listening on (http:\S+)$/m);
    const token = readFileSync(join(cwd, '.qgjob/admin.token'), 'utf8').trim();
    const env = { QGJOB_SERVER_URL: url, QGJOB_TOKEN: token };
    const agent = startCli(['agent'], { cwd });
    await agent.sees(/agent rack serves/);
    const flags = ['--org-id=acme', '--app-version-id=v1', '--test=tests/a.spec.js'];
    await startCli(['submit', ...flags], { cwd: suite, env }).ended;
    const { jobs } = await createClient({ url, token }).call('listJobs', { query: {} });
    await startCli(['logs', jobs[0]?.job_id ?? '', '--follow'], { cwd: suite, env }).sees(/it runs/);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('up');
    await agent.stop('SIGKILL');
    await untilRefused(port);
  },
);
