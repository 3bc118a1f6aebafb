import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { appKey } from '../test/support/github/app.ts';
import { tempFolder } from '../test/support/queue.ts';
import { readConfig } from './config.ts';
import { openGithubApp } from './open-github-app.ts';

const open = (settings: Record<string, string>) =>
  openGithubApp(
    readConfig(
      {},
      Object.fromEntries(Object.entries(settings).map(([name, text]) => [`QGJOB_${name}`, text])),
    ),
    () => 0,
  );

test('a server has a GitHub App where it has an id and a key, in a variable or a file', () => {
  const file = join(tempFolder(), 'app.pem');
  writeFileSync(file, appKey);
  expect(open({})).toBeUndefined();
  expect(open({ GITHUB_APP_ID: '1', GITHUB_APP_PRIVATE_KEY: appKey })).toBeDefined();
  expect(open({ GITHUB_APP_ID: '1', GITHUB_APP_PRIVATE_KEY: appKey.replaceAll('\n', '\\n') })).toBeDefined();
  expect(open({ GITHUB_APP_ID: '1', GITHUB_APP_PRIVATE_KEY_FILE: file })).toBeDefined();
});

test.each([
  ['no key', { GITHUB_APP_ID: '1' }],
  ['no id', { GITHUB_APP_PRIVATE_KEY: appKey }],
  ['a key that is cut', { GITHUB_APP_ID: '1', GITHUB_APP_PRIVATE_KEY: appKey.slice(0, 200) }],
  ['a file that is not there', { GITHUB_APP_ID: '1', GITHUB_APP_PRIVATE_KEY_FILE: '/none.pem' }],
])('%s is refused in words, and nothing of a key is told', (_, settings) => {
  expect(() => open(settings as Record<string, string>)).toThrow(/^(?!.*MII).*QGJOB_GITHUB_APP_PRIVATE_KEY/s);
});
