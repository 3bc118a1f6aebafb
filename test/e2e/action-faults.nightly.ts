import { expect, test } from 'vitest';
import { type Faults, failEachCall, faultFiles } from '../support/action-faults.ts';
import { useLab } from '../support/action-lab.ts';
import { badGateway, secondaryLimit } from '../support/github/fake-github.ts';

const lab = useLab(faultFiles);
const page = '<html><title>Bad Gateway</title></html>';

test.each<[string, Faults]>([
  ['is cut', { server: 'cut', github: { answer: 'reset', done: false } }],
  ['has its effect and is cut', { server: 'lost', github: { answer: 'reset', done: true } }],
  ['gets 502', { server: { status: 502, body: page }, github: { answer: badGateway, done: false } }],
  [
    'has its effect and gets 502',
    { server: { status: 502, body: page, isLate: true }, github: { answer: badGateway, done: true } },
  ],
  [
    'gets a page with 200',
    { server: { status: 200, body: page }, github: { answer: { status: 200, body: page }, done: true } },
  ],
  [
    'meets a limit',
    {
      server: { status: 429, body: page, headers: { 'retry-after': '1' } },
      github: { answer: secondaryLimit(1), done: false },
    },
  ],
])('each call in turn %s: one verdict, run, check run and comment', async (_, faults) => {
  const calls = await failEachCall(lab(), () => faults);
  // Those after these would not have been hit.
  expect(calls.server).toBeLessThanOrEqual(17);
});
