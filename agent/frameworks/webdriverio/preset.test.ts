import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../../test-support/host.ts';
import { leaseOf } from '../../test-support/leases.ts';
import { startTestAgent } from '../../test-support/start-agent.ts';
import { webdriverioPreset } from './preset.ts';

const preset = webdriverioPreset({ session: 'lease', uses: [] });
const config = 'export const config = {};';
const installed = { 'package.json': '{}' };
const packages = Object.fromEntries(
  ['cli', 'local-runner', 'mocha-framework'].map((name) => [
    `app/node_modules/@wdio/${name}/package.json`,
    '{}',
  ]),
);
const tests = ['app/specs/a.js', 'app/specs/b.js', 'web/specs/c.js'].map((testPath) => ({ testPath }));

test('files of one configuration run together', () => {
  const root = makeWorkspace({
    ...installed,
    ...packages,
    'app/wdio.conf.ts': config,
    'web/wdio.conf.js': config,
  });
  expect(preset.group(root, tests)).toMatchObject([
    { tests: [{ testPath: 'app/specs/a.js' }, { testPath: 'app/specs/b.js' }] },
    { tests: [{ testPath: 'web/specs/c.js' }] },
  ]);
});

test('where each file is to have a session of its own, each has a process', () => {
  const root = makeWorkspace({ ...packages, 'app/wdio.conf.ts': config });
  const single = webdriverioPreset({ session: 'file', uses: [] });
  expect(single.group(root, tests.slice(0, 2))).toEqual([{ tests: [tests[0]] }, { tests: [tests[1]] }]);
});

test('what is missing is said, with the command that gets it', () => {
  const root = makeWorkspace({ 'web/wdio.conf.js': config });
  expect(preset.group(root, tests)).toMatchObject([
    { rejected: expect.stringMatching(/^there is no wdio\.conf above app\/specs\/a\.js/) },
    {
      rejected: `@wdio/cli is not installed in ${join(root, 'web')}: npm install --save-dev @wdio/cli adds it to the suite`,
    },
  ]);
  const named = webdriverioPreset({ config: 'none.js', session: 'lease', uses: [] });
  expect(named.group(root, tests.slice(0, 1))[0]?.rejected).toMatch(/none\.js is not there/);
});

test('on a browser of the host a suite for Appium is refused: it would run on any phone', async () => {
  // Of WebdriverIO only that it loads the configuration.
  const launcher = `import(require('node:url').pathToFileURL(process.argv[3]).href).catch(() => process.exit(1));`;
  const { server } = await startTestAgent({
    files: {
      ...packages,
      'app/node_modules/@wdio/cli/bin/wdio.js': launcher,
      'app/wdio.conf.mjs': `export const config = { framework: 'mocha', capabilities: [{ 'appium:automationName': 'UiAutomator2' }] };`,
      'app/specs/a.js': '',
    },
    settings: { devices: [{ driver: 'browser', target: 'browser' }] },
    frameworks: { default: 'webdriverio' },
  });
  server.grant(leaseOf(['app/specs/a.js'], { target: 'browser', framework: 'webdriverio' }));
  expect(await server.verdict('job_app_specs_a_js')).toMatchObject({
    error_class: 'rejected',
    error: expect.stringContaining('which would take any phone of the host, and the device is a browser'),
  });
});
