import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { untilFile, untilGone } from '../../test-support/host.ts';
import { leaseOf } from '../../test-support/leases.ts';
import { startTestAgent, type TestAgent } from '../../test-support/start-agent.ts';

// No browser is needed here: the tests are about how a suite is run, not about what it does.
const passes = `import { test } from '@playwright/test'; test('is fine', () => undefined);`;
const says = (words: string) =>
  `import { test } from '@playwright/test'; test('says', () => console.log('${words}'));`;
/** An agent that runs these tests, each on a device of its own. */
async function start(
  files: Readonly<Record<string, string>>,
  tests: readonly string[],
  options: Parameters<typeof startTestAgent>[0] = {},
): Promise<TestAgent> {
  const frameworks = { default: 'playwright' };
  const agent = await startTestAgent({ files, frameworks, count: tests.length, ...options });
  for (const path of tests) agent.server.grant(leaseOf([path], { framework: 'playwright' }));
  return agent;
}

const generated = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.includes('.qgjob.'));

test('a path runs its own file, whatever a regular expression would make of it', async () => {
  const odd = 'tests/a+b (1).spec.ts';
  const { server } = await start(
    {
      'playwright.config.ts': `export default { testDir: 'tests' };`,
      [odd]: says('the one'),
      'tests/aab (1).spec.ts': says('a neighbour'),
      'tests/A+B (1).spec.ts': says('a namesake'),
      'tests/sub/a+b (1).spec.ts': says('a cousin'),
    },
    [odd],
  );
  expect(await server.verdict('job_tests_a_b__1__spec_ts')).toMatchObject({
    verdict: 'passed',
    tests: [{ name: 'says', file: odd, status: 'passed' }],
  });
  expect(server.logOf('job_tests_a_b__1__spec_ts')).toMatch(/the one/);
});

test("a suite's retries and workers are left to the queue, its other settings hold", async () => {
  const { server, root } = await start(
    {
      'suite/playwright.config.ts': `
        import { defineConfig } from '@playwright/test';
        export default defineConfig({
          retries: 3, workers: 4, fullyParallel: true, shard: { current: 2, total: 2 }, timeout: 4321, reporter: [['line'], ['json', { outputFile: 'own.json' }]],
          projects: [{ name: 'one', retries: 2, workers: 2 }, { name: 'two', testIgnore: '**' }],
        });`,
      'suite/a.spec.ts': `
        import { appendFileSync } from 'node:fs';
        import { expect, test } from '@playwright/test';
        test('fails once', () => {
          appendFileSync('tries', 'x');
          expect(test.info().timeout).toBe(4321);
          expect(test.info().config.workers).toBe(1);
          throw new Error('no luck');
        });`,
    },
    ['suite/a.spec.ts'],
  );
  expect(await server.verdict('job_suite_a_spec_ts')).toMatchObject({
    verdict: 'failed',
    error: '1 of 1 test failed: [one] fails once: Error: no luck',
  });
  expect(readFileSync(join(root, 'suite/tries'), 'utf8')).toBe('x');
  // The suite's own reports are written too.
  expect(existsSync(join(root, 'suite/own.json'))).toBe(true);
});

test('a configuration that is a function or a list is refused, not run as an empty one', async () => {
  const { server } = await start(
    {
      'function/playwright.config.ts': 'export default () => ({});',
      'function/a.spec.ts': passes,
      'list/playwright.config.ts': 'export default [{}];',
      'list/a.spec.ts': passes,
    },
    ['function/a.spec.ts', 'list/a.spec.ts'],
  );
  const refused = {
    verdict: 'error',
    error_class: 'report_error',
    error: expect.stringContaining('playwright.config.ts: the configuration must export a single object'),
  };
  expect(await server.verdict('job_function_a_spec_ts')).toMatchObject(refused);
  expect(await server.verdict('job_list_a_spec_ts')).toMatchObject(refused);
});

test('a CommonJS configuration works, and so does none at all', async () => {
  const { server } = await start(
    {
      'old/playwright.config.cjs': `module.exports = { timeout: 4321 };`,
      'old/a.spec.js': `
        const { expect, test } = require('@playwright/test');
        test('holds', () => expect(test.info().timeout).toBe(4321));`,
      'none/a.spec.ts': passes,
    },
    ['old/a.spec.js', 'none/a.spec.ts'],
  );
  expect(await server.verdict('job_old_a_spec_js')).toMatchObject({ verdict: 'passed' });
  expect(await server.verdict('job_none_a_spec_ts')).toMatchObject({ verdict: 'passed' });
});

test('a file that does not load, and a project that is not in its configuration, are no verdict', async () => {
  const { server } = await start(
    {
      'broken/playwright.config.ts': `export default { projects: [{ name: 'one' }] };`,
      'broken/a.spec.ts': 'import { test } from "@playwright/test"; test(',
      'other/playwright.config.ts': `export default { projects: [{ name: 'two' }] };`,
      'other/a.spec.ts': passes,
    },
    ['broken/a.spec.ts', 'other/a.spec.ts'],
    { frameworks: { playwright: { project: 'one' } }, count: 2 },
  );
  expect(await server.verdict('job_broken_a_spec_ts')).toMatchObject({
    verdict: 'error',
    error_class: 'report_error',
    error: expect.stringMatching(/SyntaxError/),
  });
  expect(await server.verdict('job_other_a_spec_ts')).toMatchObject({
    verdict: 'error',
    error_class: 'report_error',
    error: expect.stringMatching(/"one" not found/),
  });
});

test('what is missing on the host is rejected, with what to do about it', async () => {
  const { server } = await start({ 'a.spec.ts': passes }, ['a.spec.ts'], {
    frameworks: { playwright: { config: 'e2e.config.ts' } },
  });
  expect(await server.verdict('job_a_spec_ts')).toMatchObject({
    error_class: 'rejected',
    error: expect.stringMatching(/e2e\.config\.ts is not there; frameworks\.playwright\.config/),
  });
});

/** A suite that starts a web server, and whose last test does not end. */
const withServer = {
  'playwright.config.ts': `
    const wait = { stdout: /port (?<web_port>\\d+)/ };
    export default { reporter: 'line', webServer: { command: 'exec node web.mjs', wait } };`,
  'web.mjs': `
    import { writeFileSync } from 'node:fs';
    import { createServer } from 'node:http';
    const server = createServer((_request, response) => response.end('hello'));
    server.listen(0, '127.0.0.1', () => console.log('port', server.address().port));
    writeFileSync('web.pid', String(process.pid));`,
  'a.spec.ts': `
    import { writeFileSync } from 'node:fs';
    import { expect, test } from '@playwright/test';
    test('is served', async () => {
      const answer = await fetch('http://127.0.0.1:' + process.env.WEB_PORT);
      expect(await answer.text()).toBe('hello');
    });
    test('waits', async () => {
      writeFileSync('begun', '');
      await new Promise((resolve) => setTimeout(resolve, 600_000));
    });`,
};

test('a cancelled test reports the tests that it ran, and leaves no configuration and no web server', async () => {
  const { server, root, stop } = await start(withServer, ['a.spec.ts']);
  await untilFile(join(root, 'begun'));
  const name = expect.stringMatching(/^\.qgjob\.[0-9a-f-]{36}\.config\.ts$/);
  // That of the tests, and that of the process which holds the web server for a while.
  expect(generated(root)).toEqual([name, name]);
  server.giveNews({ cancel: 'job_a_spec_ts' });
  expect(await server.verdict('job_a_spec_ts')).toMatchObject({
    verdict: 'cancelled',
    tests: [{ name: 'is served', status: 'passed' }, { name: 'waits' }],
  });
  expect(generated(root)).toHaveLength(1);
  await stop();
  expect(generated(root)).toEqual([]);
  await untilGone(readFileSync(join(root, 'web.pid'), 'utf8'));
});

test('neither does a killed one', async () => {
  const { server, agent, done, root } = await start(withServer, ['a.spec.ts']);
  await untilFile(join(root, 'begun'));
  agent.stop.requestKill(130);
  expect(await done).toBe(130);
  expect(server.verdictOf('job_a_spec_ts')).toMatchObject({ error_class: 'interrupted' });
  expect(generated(root)).toEqual([]);
  await untilGone(readFileSync(join(root, 'web.pid'), 'utf8'));
});
