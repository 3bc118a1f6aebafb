import { describe, expect, test } from 'vitest';
import { countTests } from '../../../protocol/count-tests.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Report, TestCase } from '../../../protocol/shapes/job.ts';
import { matchTests } from './match-tests.ts';
import { mergeSelection, mergeWhole, type Tested } from './merge-tests.ts';

/** `a failed` is a test with the id and the name `a`. */
const cases = (...words: string[]): TestCase[] =>
  words.map((word) => {
    const [id = '', status = 'passed'] = word.split(' ');
    const message = status === 'failed' ? { message: `${id} is broken` } : {};
    return { id, name: id, status: status as TestCase['status'], duration_ms: 1, ...message };
  });
const tested = (tests: TestCase[], more: Partial<Report> = {}): Tested => ({
  tests,
  report: { total: tests.length, ...countTests(tests), listed: tests.length, ...more },
});
const list = (...words: string[]) => tested(cases(...words));
const shown = ({ tests }: Tested) => tests.map(({ id, name, status }) => `${id ?? name} ${status}`);
const counts = ({ report: { total, passed, failed, skipped, flaky } }: Tested) => ({
  ...{ total, passed, failed },
  ...{ skipped, flaky },
});

describe('a selection', () => {
  const earlier = list('a passed', 'b failed', 'c failed', 'd skipped');

  test('leaves what did not run as it was; what had failed and passes is flaky, with the message of its failure', () => {
    const merged = mergeSelection(earlier, list('b passed', 'c passed'), ['b', 'c']);
    expect(shown(merged)).toEqual(['a passed', 'b flaky', 'c flaky', 'd skipped']);
    expect(merged.tests[1]).toMatchObject({ status: 'flaky', message: 'b is broken' });
    expect(merged.report).toEqual({ total: 4, passed: 3, failed: 0, skipped: 1, flaky: 2, listed: 4 });
  });

  test('is complete only where it is, and what went before is', () => {
    const of = (before?: boolean, after?: boolean) =>
      mergeSelection(
        tested(cases('a passed', 'b failed'), { complete: before }),
        tested(cases('b failed'), { complete: after }),
        ['b'],
      ).report.complete;
    expect([of(true, true), of(true), of(undefined, true), of()]).toEqual([
      true,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('that was smaller than what had failed leaves the others failed', () => {
    const merged = mergeSelection(earlier, list('b passed'), ['b']);
    expect(shown(merged)).toEqual(['a passed', 'b flaky', 'c failed', 'd skipped']);
    expect(counts(merged)).toEqual({ total: 4, passed: 2, failed: 1, skipped: 1, flaky: 1 });
  });

  test.each([
    ['b failed', 'b failed', { passed: 1, failed: 2, flaky: 0 }],
    ['b skipped', 'b failed', { passed: 1, failed: 2, flaky: 0 }],
    ['b flaky', 'b flaky', { passed: 2, failed: 1, flaky: 1 }],
    ['a failed', 'a failed', { passed: 0, failed: 3, flaky: 0 }],
    ['a passed', 'a passed', { passed: 1, failed: 2, flaky: 0 }],
    ['a skipped', 'a passed', { passed: 1, failed: 2, flaky: 0 }],
    ['d passed', 'd passed', { passed: 2, failed: 2, flaky: 0, skipped: 0 }],
  ])('with %s makes it %s', (now, after, expected) => {
    const merged = mergeSelection(earlier, list(now), ['b', 'c']);
    expect(shown(merged)).toContain(after);
    expect(counts(merged)).toEqual({ total: 4, skipped: 1, ...expected });
  });

  test('after another one: what is flaky stays so, and what fails again has failed', () => {
    const second = mergeSelection(earlier, list('b passed', 'c failed'), ['b', 'c']);
    const third = mergeSelection(second, list('b passed', 'c passed'), ['c']);
    expect(shown(third)).toEqual(['a passed', 'b flaky', 'c flaky', 'd skipped']);
    expect(shown(mergeSelection(third, list('b failed'), ['b']))).toContain('b failed');
  });

  test('may run a test that is new', () => {
    const merged = mergeSelection(earlier, list('b passed', 'c passed', 'e passed'), ['b', 'c']);
    expect(shown(merged)).toEqual(['a passed', 'b flaky', 'c flaky', 'd skipped', 'e passed']);
    expect(counts(merged)).toEqual({ total: 5, passed: 4, failed: 0, skipped: 1, flaky: 2 });
  });
});

describe('where a list was cut', () => {
  const many = (count: number, status: string, from = 0) =>
    cases(...Array.from({ length: count }, (_, n) => `t${from + n} ${status}`));

  test('failures that were counted alone are mended by passes that the earlier list does not show', () => {
    const earlier = tested(many(limits.testsPerReport, 'failed'), {
      total: 9000,
      failed: 6000,
      passed: 3000,
    });
    const now = tested(many(limits.testsPerReport, 'passed'), { total: 6000, passed: 6000 });
    const merged = mergeSelection(earlier, now, []);
    expect(merged.report).toEqual({
      ...{ total: 9000, passed: 9000, failed: 0, skipped: 0 },
      ...{ flaky: 6000, listed: limits.testsPerReport },
    });
  });

  test('failures that were counted alone stay where too few tests ran again', () => {
    const earlier = tested(many(3, 'failed'), { total: 10, failed: 5, passed: 5 });
    expect(counts(mergeSelection(earlier, tested(many(3, 'passed')), []))).toEqual({
      ...{ total: 10, passed: 8, failed: 2, skipped: 0, flaky: 3 },
    });
  });

  test('passes that are counted alone mend what was to run, and nothing else', () => {
    const earlier = list('a failed', 'b failed', 'c passed');
    const now = tested(cases('a passed'), { total: 2, passed: 2 });
    expect(shown(mergeSelection(earlier, now, ['a', 'b']))).toEqual(['a flaky', 'b flaky', 'c passed']);
    expect(shown(mergeSelection(earlier, now, ['a']))).toEqual(['a flaky', 'b failed', 'c passed']);
    const fewer = tested([], { total: 1, passed: 1 });
    expect(counts(mergeSelection(earlier, fewer, ['a', 'b']))).toMatchObject({ failed: 2 });
    const failing = tested(cases('a failed'), { total: 3, passed: 2, failed: 1 });
    expect(shown(mergeSelection(earlier, failing, ['a', 'b']))).toEqual(['a failed', 'b flaky', 'c passed']);
  });

  test('a failure that only the counts show is a failure', () => {
    const earlier = list('a failed', 'b passed');
    const now = tested(cases('a passed'), { total: 2, passed: 1, failed: 1 });
    expect(mergeSelection(earlier, now, ['a']).report.failed).toBeGreaterThan(0);
  });

  test('5000 are listed, failures first', () => {
    const earlier = tested([...many(limits.testsPerReport - 1, 'passed'), ...cases('x failed')]);
    const merged = mergeSelection(earlier, list('x failed', 'y passed', 'z failed'), ['x']);
    expect(shown(merged).slice(0, 3)).toEqual(['x failed', 'z failed', 't0 passed']);
    expect(merged.report).toMatchObject({ total: 5002, failed: 2, listed: limits.testsPerReport });
  });
});

describe('an attempt that ran the whole file', () => {
  test('replaces the list; what failed or was flaky before and passes now is flaky', () => {
    const earlier = list('a passed', 'b failed', 'c flaky', 'gone failed');
    const merged = mergeWhole(earlier, list('c passed', 'b passed', 'a failed', 'new passed'));
    expect(shown(merged)).toEqual(['c flaky', 'b flaky', 'a failed', 'new passed', 'gone failed']);
    expect(counts(merged)).toEqual({ total: 5, passed: 3, failed: 2, skipped: 0, flaky: 2 });
  });

  test('is itself where nothing of it had failed', () => {
    const now = list('a passed', 'b failed');
    expect(mergeWhole(list('a passed', 'b failed'), now)).toBe(now);
  });
});

describe('a test is the same', () => {
  const named = (name: string, more: Partial<TestCase> = {}): TestCase => ({
    ...{ name, status: 'passed', duration_ms: 1 },
    ...more,
  });
  const match = (earlier: TestCase[], now: TestCase[]) => [...matchTests(earlier, now)];

  test('by its id, whatever its name', () => {
    expect(match([named('x', { id: '1' }), named('y', { id: '2' })], [named('x', { id: '2' })])).toEqual([
      [0, 1],
    ]);
  });

  test('by file and name where one of them has no id', () => {
    expect(
      match([named('x', { file: 'a' }), named('x', { file: 'b' })], [named('x', { file: 'b' })]),
    ).toEqual([[0, 1]]);
    expect(match([named('x', { id: '1' })], [named('x')])).toEqual([[0, 0]]);
    expect(match([named('x', { id: '1' })], [named('x', { id: '2' })])).toEqual([]);
  });

  test('in order where several have one name', () => {
    expect(match([named('x'), named('y'), named('x')], [named('x'), named('x'), named('x')])).toEqual([
      [0, 0],
      [1, 2],
    ]);
  });
});

describe('a whole file that failed again', () => {
  const earlier = list('a failed', 'b failed', 'c passed');

  test.each<[what: string, now: Tested, expected: string[], failed: number]>([
    ['broke off before it', list('a failed'), ['a failed', 'b failed'], 2],
    ['left it out', list('a failed', 'b skipped', 'c passed'), ['a failed', 'b failed', 'c passed'], 2],
  ])('keeps what failed before and did not run now, where it %s', (_what, now, expected, failed) => {
    const merged = mergeWhole(earlier, now);
    expect(shown(merged)).toEqual(expected);
    expect(merged.report).toMatchObject({ failed, total: expected.length, listed: expected.length });
    expect(merged.tests[1]?.message).toBe('b is broken');
  });

  test('says no more that this is all, where it lists only a part of its tests', () => {
    const now = tested(cases('a failed'), { total: 3, passed: 2, complete: true });
    expect(mergeWhole(earlier, now).report.complete).toBeUndefined();
  });

  test('but a pass of the whole file is one, whatever failed before', () => {
    const now = list('a passed', 'b skipped', 'c passed');
    expect(mergeWhole(earlier, now).report).toMatchObject({ failed: 0, flaky: 1 });
  });
});
