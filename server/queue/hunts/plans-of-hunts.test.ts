import { expect, test } from 'vitest';
import { plansOf } from '../../../test/support/plans.ts';
import { day, fail, openQuarantineLab, told } from '../../../test/support/quarantine-lab.ts';
import { endHunts, huntQuarantined, settleHunts, tellEnds } from './index.ts';

test('what the loop reads is found by indexes, however many tests and runs there are', async () => {
  const plans = await plansOf(
    async (deps) => {
      await tellEnds(deps);
      await endHunts(deps);
      await huntQuarantined(deps, day, fail);
      await settleHunts(deps, fail);
    },
    async (queue) => {
      const lab = await openQuarantineLab(queue);
      await lab.play({}, told({ pays: 'failed' }));
      await lab.quarantine('pays', day);
    },
  );
  // That index holds what is hunted now.
  expect(
    plans.filter((step) =>
      /^SCAN (?!q USING INDEX quarantines_hunted$|i VIRTUAL|json_each|s$|\(subquery|CONSTANT)/.test(step),
    ),
  ).toEqual([]);
  expect(plans).toContain('SEARCH q USING INDEX quarantines_ends (ends_at>?)');
  expect(plans.some((step) => step.startsWith('SEARCH d USING INDEX devices_pool'))).toBe(true);
});
