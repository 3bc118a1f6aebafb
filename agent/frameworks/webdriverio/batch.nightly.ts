import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { untilFile } from '../../test-support/host.ts';
import { inNamespace } from '../../test-support/real-suite.ts';
import { ever, head, run, spec, withSuite } from '../../test-support/specs.ts';

withSuite('one that kills its worker takes no other with it', async () => {
  const started = await run({
    a: spec('a'),
    b: spec('b', `process.kill(process.pid, 'SIGKILL'); ${ever}`),
    c: spec('c'),
  });
  expect(await started.finish('b')).toMatchObject({
    verdict: 'error',
    error_class: 'infra_error',
    error: expect.stringContaining('the run ended before its file did'),
  });
  for (const name of ['a', 'c']) expect(await started.finish(name)).toMatchObject({ verdict: 'passed' });
  expect(started.noted().map(([name]) => name)).toEqual(['a', 'b', 'c']);
  // Also that of the killed worker.
  expect(started.appium.sessions()).toEqual({ made: 2, ended: 2 });
});

withSuite(
  'a file that cannot be loaded does not pass with the tests before its error, nor fails another',
  async () => {
    const started = await run({
      a: spec('a'),
      b: `${spec('b')}\nthrow new Error('half a file');`,
      c: spec('c'),
      empty: head,
      syntax: 'describe(;',
    });
    expect(await started.finish('syntax')).toMatchObject({
      error_class: 'report_error',
      error: expect.stringMatching(/^no test ran: [\s\S]*syntax\.spec\.js/),
    });
    expect(await started.finish('empty')).toMatchObject({ error_class: 'report_error' });
    expect(await started.finish('b')).toMatchObject({
      verdict: 'failed',
      error: expect.stringContaining('half a file'),
    });
    for (const name of ['a', 'c']) expect(await started.finish(name)).toMatchObject({ verdict: 'passed' });
  },
);

withSuite('a session that is lost, and one that cannot be made, say nothing of the tests', async () => {
  const started = await run({
    a: spec('a'),
    b: spec('b', `process.kill(Number(process.env.APPIUM_PID), 'SIGKILL'); await look();`),
    c: spec('c'),
  });
  expect(await started.finish('a')).toMatchObject({ verdict: 'passed' });
  expect(await started.finish('b')).toMatchObject({
    error_class: 'infra_error',
    error: expect.stringContaining('the session was lost'),
  });
  expect(await started.finish('c')).toMatchObject({
    error_class: 'infra_error',
    error: expect.stringContaining('there is no session'),
  });
});

withSuite('in a drain the file that runs ends, and the next one is given back', async () => {
  const started = await run({
    a: spec(
      'a',
      `writeFileSync('here', ''); while (!existsSync('go')) await new Promise((done) => setTimeout(done, 20));`,
    ),
    b: spec('b'),
  });
  await untilFile(join(started.root, 'here'));
  started.agent.stop.requestDrain();
  writeFileSync(join(started.root, 'go'), '');
  expect(await started.finish('a')).toMatchObject({ verdict: 'passed' });
  await started.done;
  expect(started.server.callsOf('releaseLease')).toHaveLength(1);
  expect(started.noted().map(([name]) => name)).toEqual(['a']);
});

withSuite.each([
  ['another framework', `export const config = { ...base, framework: 'cucumber' };`, /framework: cucumber/],
  [
    'several capabilities',
    'export const config = { ...base, capabilities: [...base.capabilities, ...base.capabilities] };',
    /has 2 capabilities/,
  ],
])('a configuration with %s is refused in words', async (_what, config, words) => {
  const started = await run({ a: spec('a') }, {}, { config });
  expect(await started.finish('a')).toMatchObject({
    error_class: 'rejected',
    error: expect.stringMatching(words),
  });
});

withSuite('a configuration and specs in TypeScript, and a suite that a run brings', async () => {
  const started = await run(
    { a: `const word: string = 'typed';\n${spec('a')}`, b: spec('b') },
    {},
    {
      config: 'export const config: typeof base = { ...base };',
      isBundle: true,
      end: 'ts',
    },
  );
  for (const name of ['a', 'b']) expect(await started.finish(name)).toMatchObject({ verdict: 'passed' });
  expect(started.appium.sessions()).toEqual({ made: 1, ended: 1 });
});

withSuite('a suite in CommonJS', async () => {
  const started = await run(
    { a: spec('a').replace(/import (.*) from 'node:fs'/, "const $1 = require('node:fs')") },
    {},
    {
      config: '',
      extra: {
        'package.json': JSON.stringify({ name: 'cjs', devDependencies: { '@appium/fake-driver': '6.2.4' } }),
        'wdio.conf.js': `exports.config = {
  runner: 'local', hostname: '127.0.0.1', port: Number(process.env.APPIUM_PORT), path: '/', logLevel: 'error',
  framework: 'mocha', reporters: [], specs: [],
  capabilities: [{ platformName: 'Fake', 'appium:automationName': 'Fake', 'appium:deviceName': 'Fake',
    'appium:app': require('node:path').resolve('app.xml') }],
};`,
      },
    },
  );
  expect(await started.finish('a')).toMatchObject({ verdict: 'passed' });
});

const settings = inNamespace('webdriverio');
(settings ? withSuite : withSuite.skip)(
  'in a namespace of its own, a file that is cancelled leaves no session either',
  async () => {
    const started = await run(
      { a: spec('a', `console.log('a is here'); ${ever}`), b: spec('b') },
      {},
      { isBundle: true, settings: settings ?? {} },
    );
    await started.server.until(() => started.log('a').includes('a is here'));
    started.server.giveNews({ cancel: 'job_specs_a_spec_js' });
    expect(await started.finish('a')).toMatchObject({ verdict: 'cancelled' });
    expect(await started.finish('b')).toMatchObject({ verdict: 'passed' });
    expect(started.appium.sessions()).toEqual({ made: 2, ended: 2 });
  },
);
