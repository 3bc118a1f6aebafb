import { expect, test } from 'vitest';
import { browserCommand } from './open-browser.ts';

const url = 'https://ci.example.com/ui/runs/run_1?a=1&b=2';

test.each([
  ['that of BROWSER', { BROWSER: 'firefox --new-tab' }, 'linux', ['firefox', '--new-tab', url]],
  [
    'the first of several, with the place of the address',
    { BROWSER: 'lynx %s -x:w3m' },
    'linux',
    ['lynx', url, '-x'],
  ],
  ['that of the system', {}, 'linux', ['xdg-open', url]],
  ['on a Mac', { BROWSER: '' }, 'darwin', ['open', url]],
  ['on Windows', {}, 'win32', ['cmd', '/c', 'start', '""', url.replace('&', '^&')]],
])('the browser is %s', (_, env, platform, words) => {
  expect(browserCommand(url, env, platform)).toEqual(words);
});
