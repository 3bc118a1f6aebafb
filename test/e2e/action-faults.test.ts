import { expect, test } from 'vitest';
import { failEachCall, faultFiles } from '../support/action-faults.ts';
import { useLab } from '../support/action-lab.ts';
import { badGateway } from '../support/github/fake-github.ts';

const lab = useLab(faultFiles);

test('whichever call is lost, to the server or to GitHub, before or after it had its effect: one verdict, run, check run and comment', async () => {
  const calls = await failEachCall(
    lab(),
    (n) =>
      n % 2 === 0
        ? { server: 'cut', github: { answer: 'reset', done: true } }
        : { server: 'lost', github: { answer: badGateway, done: false } },
    8,
  );
  // More would not all have been hit.
  expect(calls.server).toBeGreaterThan(8);
  expect(calls.github).toBeGreaterThan(6);
});
