import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../../test-support/host.ts';
import { detoxPreset } from './preset.ts';

const preset = detoxPreset({ uses: [] });
const packages = { 'app/node_modules/detox/package.json': '{}', 'app/node_modules/jest/package.json': '{}' };
const tests = ['app/e2e/a.test.js', 'app/e2e/b.test.js', 'other/e2e/c.test.js'].map((testPath) => ({
  testPath,
}));

test('files of one configuration of Detox run together, also of one in package.json', () => {
  const root = makeWorkspace({
    ...packages,
    'app/package.json': '{ "detox": {} }',
    'other/package.json': '{}',
    'other/.detoxrc.js': 'module.exports = {};',
  });
  expect(preset.group(root, tests)).toMatchObject([{ tests: tests.slice(0, 2) }, { tests: tests.slice(2) }]);
  expect(preset.group(root, tests)[0]).not.toHaveProperty('rejected');
});

test('what is missing is said, with the command that gets it', () => {
  const root = makeWorkspace({ 'other/.detoxrc.js': 'module.exports = {};' });
  expect(preset.group(root, tests)).toMatchObject([
    { rejected: expect.stringMatching(/^there is no configuration of Detox above the test/) },
    {
      rejected: `detox is not installed in ${join(root, 'other')}: npm install --save-dev detox adds it to the suite`,
    },
  ]);
});
