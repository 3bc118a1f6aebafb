import { expect, test } from 'vitest';
import { Quarantine } from '../../protocol/shapes/quarantine.ts';
import { describeQuarantine, quarantineTable } from './describe-quarantine.ts';

const at = '2026-12-24T00:00:00.000Z';

const held = (more: Partial<Quarantine> = {}): Quarantine =>
  Quarantine.parse({
    ...{ quarantine_id: 'qua_1', org_id: 'acme', test_id: 'tst_1', repository_id: '', target: 'emulator' },
    ...{ test_path: 'a.spec.ts', file: null, title: 'pays', case_id: null, owner: '@ann', reason: 'slow' },
    ...{ lanes: ['pull_request', 'merge_queue'], status: 'active', ends_at: at, removed: false },
    ...{ created_at: at, created_by: 't', changed_at: at, changed_by: 't' },
    ...more,
  });
const hunt = {
  ...{ run_id: 'run_1', ended_at: at, times: 20, observed: 20, failed: 0, low: 0, high: 0.168 },
  ...{ branch: 'main', commit: 'abcdef0123', is_base: true },
};

test('the list says what the last hunt found, or that one goes on', () => {
  const all = [held({ hunt }), held({ hunting_run_id: 'run_2' }), held()];
  expect(quarantineTable(all, 100)).toEqual([
    'TEST             TARGET    OWNER  UNTIL       LANES  HUNTED          REASON',
    'a.spec.ts: pays  emulator  @ann   2026-12-24  all    0 of 20 failed  slow',
    'a.spec.ts: pays  emulator  @ann   2026-12-24  all    now             slow',
    'a.spec.ts: pays  emulator  @ann   2026-12-24  all    -               slow',
  ]);
});

test('one tells the interval and what to do', () => {
  const lines = describeQuarantine(held({ hunt, hunting_run_id: 'run_2' }));
  expect(lines.slice(-3)).toEqual([
    '  hunted      0 of 20 failed: 0 %, between 0 and 17 % at 95 %. It may be mended: qgjob quarantine remove tst_1',
    '              2026-12-24 00:00:00, run_1, main, abcdef0',
    '  is hunted   run_2',
  ]);
  expect(describeQuarantine(held()).join('\n')).not.toContain('hunted');
});

test('what had no verdict is told beside what failed', () => {
  const one = held({ hunt: { ...hunt, observed: 18 } });
  expect(quarantineTable([one], 120)[1]).toContain(' 0 of 18 failed, 2 without a verdict ');
  expect(describeQuarantine(one).at(-2)).toMatch(
    /, 2 of 20 executions had no verdict\. Whether it is mended is not known$/,
  );
});

test('of one that has ended nothing is suggested', () => {
  expect(describeQuarantine(held({ hunt, status: 'ended' })).join('\n')).not.toContain('remove');
});

test('an older server says nothing of hunts', () => {
  const { hunt: _hunt, hunting_run_id: _open, ...old } = held();
  expect(quarantineTable([old as Quarantine], 100)[1]).toContain(' - ');
  expect(() => describeQuarantine(old as Quarantine)).not.toThrow();
});
