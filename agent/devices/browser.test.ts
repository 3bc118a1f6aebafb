import { expect, test } from 'vitest';
import { browser } from './browser.ts';
import { BrowserEntry } from './browser-entry.ts';

function open(given: Omit<typeof BrowserEntry._zod.input, 'driver'>) {
  let number = 0;
  return browser.open(BrowserEntry.parse({ driver: 'browser', ...given }), () => ++number);
}

test('a browser of this host is offered as itself, not as simulated', () => {
  expect(open({ target: 'browser', count: 2 }).map(({ offer }) => offer)).toEqual(
    ['browser-1', 'browser-2'].map((name) => ({
      name,
      target: 'browser',
      platform: 'browser',
      labels: { driver: 'browser' },
    })),
  );
});

test('its suite is told the pool that the test asked for', () => {
  expect(open({ target: 'browser/firefox' })).toMatchObject([
    { offer: { name: 'browser-firefox-1', target: 'browser/firefox' }, env: { QGJOB_BROWSER: 'firefox' } },
  ]);
  expect(open({ target: 'browser' })).toMatchObject([{ env: {} }]);
});

test('one that has a name keeps it, of several each has a number', () => {
  const names = (count: number) =>
    open({ target: 'browser', name: 'desk', count }).map(({ offer }) => offer.name);
  expect([names(1), names(2)]).toEqual([['desk'], ['desk-1', 'desk-2']]);
});

test('it offers no other target', () => {
  const says = /the driver browser offers browser or a pool of it, like browser\/firefox/;
  expect(() => open({ target: 'device' })).toThrow(says);
  expect(() => open({ target: 'browserstack/desktop' })).toThrow(says);
});
