import { expect, test } from 'vitest';
import { readSections } from '../../report/sections.ts';
import { renderGfm } from '../../test/support/gfm.ts';
import { faults } from '../../test/support/github/checks-lab.ts';
import { failEachCommentCall, openCommentLab } from '../../test/support/github/comment-lab.ts';
import { badGateway } from '../../test/support/github/fake-github.ts';

const titles = (body: string): (string | undefined)[] =>
  readSections(body).map(({ head }) => head.split('\n')[0]);
const marker = '<!-- qgjob:report:acme:tests -->';

test('fifteen legs that end at once have one comment with fifteen sections, written a few times alone', async () => {
  const lab = await openCommentLab();
  const names = Array.from({ length: 15 }, (_, n) => `leg ${String(n).padStart(2, '0')}`);
  const runs = await Promise.all(names.map((name) => lab.leg(name)));
  await lab.sendAll();
  await Promise.all(runs.map(({ run_id: id }, n) => lab.finish(id, n % 2 === 0 ? 'failed' : 'passed')));
  await lab.sendAll();
  const [failed, passed] = [names.filter((_, n) => n % 2 === 0), names.filter((_, n) => n % 2 === 1)];
  expect(titles(lab.body())).toEqual([
    ...failed.map((name) => `#### Failed: app (${name})`),
    ...passed.map((name) => `#### Passed: app (${name})`),
  ]);
  expect(lab.comments[0]).toMatchObject({ issue: 7, login: 'qgjob[bot]' });
  expect(lab.comments[0]?.edits).toBeLessThan(5);
  expect([lab.github.problems, lab.log]).toEqual([[], []]);
});

test('it looks like the comment of the Action: the failure folded, foreign text harmless, where it ran', async () => {
  const lab = await openCommentLab();
  const run = await lab.leg('1');
  const agent = await lab.queue.agent('rack-1', ['emulator']);
  await lab.queue.deps.sql.write([
    {
      sql: 'UPDATE jobs SET device_id = ?1, attempt = 1 WHERE run_id = ?2',
      args: [agent.deviceIds[0] ?? '', run.run_id],
    },
  ]);
  await lab.finish(run.run_id, 'failed');
  await lab.sendAll();
  const body = lab.body();
  expect(body).toMatch(/^<!-- qgjob:report:acme:tests -->\n### qgjob: tests\n/);
  expect(body).toContain('1 of 1 job failed: a.sh on emulator');
  expect(body).toContain('<details><summary>failed: a.sh on emulator, rack-1/d0</summary>');
  expect(body).toContain(`· commit ${'1'.repeat(12)}`);
  expect(body).toContain('expected &#60;b&#62;4&#60;/b&#62;');
  const { elements, references } = renderGfm(body);
  expect([...elements].sort()).toEqual('a details h3 h4 p pre summary'.split(' '));
  expect(references).toEqual([]);
});

test('a pass alone makes no comment, a failure does, and the pass of the next run updates it', async () => {
  const lab = await openCommentLab();
  const end = async (runId: string, status: 'passed' | 'failed') => {
    await lab.finish((await lab.leg('1', { run_id: runId })).run_id, status);
    await lab.sendAll();
  };
  await end('5', 'passed');
  expect(lab.comments).toEqual([]);
  await end('6', 'failed');
  expect(titles(lab.body())).toEqual(['#### Failed: app (1)']);
  await end('7', 'passed');
  expect(titles(lab.body())).toEqual(['#### Passed: app (1)']);
});

test.each([
  ['always', ['passed', 'passed'], [1, 2]],
  ['failures', ['passed', 'failed', 'failed'], [0, 1, 2]],
  ['changes', ['passed', 'failed', 'failed', 'passed'], [0, 1, 1, 2]],
  ['off', ['failed', 'failed'], [0, 0]],
] as const)('%s: after %j there were so many writes: %j', async (policy, ends, writes) => {
  const lab = await openCommentLab();
  for (const [n, status] of ends.entries()) {
    // Of another commit each time, so that the text differs.
    const run = await lab.leg('1', { run_id: String(n + 5), sha: String(n + 1).repeat(40) }, policy);
    await lab.finish(run.run_id, status);
    await lab.sendAll();
    const [comment] = lab.comments;
    expect(comment ? comment.edits + 1 : 0, `after ${n + 1} runs`).toBe(writes[n]);
  }
});

test('a cancelled run makes no comment, and one of an older push that ends late changes none', async () => {
  const lab = await openCommentLab();
  const [cancelled, late] = [await lab.leg('1', { run_id: '5' }), await lab.leg('1', { run_id: '5' })];
  await lab.end(cancelled.run_id);
  await lab.sendAll();
  expect(lab.comments).toEqual([]);
  await lab.finish((await lab.leg('1', { run_id: '6' })).run_id, 'passed');
  await lab.finish((await lab.leg('2', { run_id: '6' })).run_id, 'failed');
  await lab.sendAll();
  const newest = lab.body();
  await lab.finish(late.run_id, 'failed');
  await lab.sendAll();
  expect(lab.body()).toBe(newest);
  expect(titles(newest)).toEqual(['#### Failed: app (2)', '#### Passed: app (1)']);
});

test('a leg that was cancelled is no pass: it is in the comment that is there, and its old pass does not come back', async () => {
  const lab = await openCommentLab();
  const end = async (name: string, attempt: number, how: 'passed' | 'failed' | 'cancelled') => {
    const { run_id: id } = await lab.leg(name, { run_attempt: attempt });
    await (how === 'cancelled' ? lab.end(id) : lab.finish(id, how));
    await lab.sendAll();
  };
  await end('1', 1, 'failed');
  await end('2', 1, 'passed');
  expect(titles(lab.body())).toEqual(['#### Failed: app (1)', '#### Passed: app (2)']);
  await end('1', 2, 'passed');
  await end('2', 2, 'cancelled');
  expect(titles(lab.body())).toEqual(['#### Failed: app (2)', '#### Passed: app (1)']);
  expect(lab.body()).toContain('1 of 1 job cancelled: a.sh on emulator');
  await end('2', 3, 'passed');
  expect(titles(lab.body())).toEqual(['#### Passed: app (1)', '#### Passed: app (2)']);
});

test('where the comment is always wanted, a cancelled run makes it', async () => {
  const lab = await openCommentLab();
  await lab.end((await lab.leg('1', {}, 'always')).run_id);
  await lab.sendAll();
  expect(titles(lab.body())).toEqual(['#### Failed: app (1)']);
});

test('a superseded run is not in the comment', async () => {
  const lab = await openCommentLab();
  const old = await lab.leg('1');
  await lab.finish((await lab.leg('2')).run_id, 'failed');
  await lab.queue.deps.sql.write([
    { sql: `UPDATE runs SET reason = 'superseded' WHERE id = ?1`, args: [old.run_id] },
  ]);
  await lab.end(old.run_id);
  await lab.sendAll();
  expect(titles(lab.body())).toEqual(['#### Failed: app (2)']);
});

test('of each leg the newest attempt counts, and one that did not run again keeps its section', async () => {
  const lab = await openCommentLab();
  await lab.finish((await lab.leg('1')).run_id, 'failed');
  await lab.finish((await lab.leg('2')).run_id, 'passed');
  await lab.sendAll();
  await lab.finish((await lab.leg('1', { run_attempt: 2 })).run_id, 'passed');
  await lab.sendAll();
  expect(titles(lab.body())).toEqual(['#### Passed: app (1)', '#### Passed: app (2)']);
});

test('two calls of a reusable workflow have a section each: a pass of one hides no failure of the other', async () => {
  const lab = await openCommentLab();
  const named = (name: string) => lab.leg('1', { check_run_name: `${name} / app` });
  await lab.finish((await named('first')).run_id, 'failed');
  await lab.finish((await named('second')).run_id, 'passed');
  for (const status of ['failed', 'passed'] as const) await lab.finish((await lab.leg('2')).run_id, status);
  await lab.sendAll();
  expect(titles(lab.body())).toEqual([
    '#### Failed: app (2)',
    '#### Failed: first / app',
    '#### Passed: app, 2',
    '#### Passed: second / app',
  ]);
});

test('a comment that somebody has deleted is written anew, and one with the marker of somebody else is not ours', async () => {
  const lab = await openCommentLab();
  lab.github.addComment(7, 'mallory', `${marker}\nours`);
  await lab.finish((await lab.leg('1')).run_id, 'failed');
  await lab.sendAll();
  expect(lab.comments.map(({ login }) => login)).toEqual(['mallory', 'qgjob[bot]']);
  lab.github.deleteComment(lab.comments[1]?.id ?? 0);
  await lab.finish((await lab.leg('2')).run_id, 'passed');
  await lab.sendAll();
  expect(titles(lab.comments[1]?.body ?? '')).toEqual(['#### Failed: app (1)', '#### Passed: app (2)']);
  expect(lab.comments[0]?.body).toBe(`${marker}\nours`);
});

test('a permission that is missing is said once, and the check run is written', async () => {
  const lab = await openCommentLab();
  lab.github.app.mayComment = false;
  for (const run of ['5', '6']) {
    await lab.finish((await lab.leg('1', { run_id: run })).run_id, 'failed');
    await lab.sendAll();
  }
  expect(await lab.waiting()).toBe(0);
  expect(lab.comments).toEqual([]);
  expect(lab.github.checks.map(({ conclusion }) => conclusion)).toEqual(['failure', 'failure']);
  expect(lab.warnings).toEqual([
    expect.stringMatching(/refuses the comment of a pull request.*Pull requests: read and write/),
  ]);
});

test('two servers of one database write one comment, whichever is faster', async () => {
  const lab = await openCommentLab();
  const other = lab.newSender();
  const runs = await Promise.all(['1', '2', '3', '4'].map((name) => lab.leg(name)));
  await Promise.all(
    runs.map(async ({ run_id: id }) => {
      await lab.finish(id, 'failed');
      await Promise.all([lab.send(), other.pass()]);
    }),
  );
  await other.settled();
  await lab.sendAll();
  await other.settled();
  expect(titles(lab.body())).toHaveLength(4);
  expect(lab.github.problems).toEqual([]);
});

test.each(faults.slice(0, 2))(
  'the n-th call %s, for every n, with a restart after each leg: one comment, with every section',
  async (_, answer, done) => {
    const calls = await failEachCommentCall(['one', 'two'], answer, done, (lab) => {
      expect(titles(lab.body())).toEqual(['#### Failed: app (one)', '#### Passed: app (two)']);
      expect(lab.github.checks.map(({ conclusion }) => conclusion).sort()).toEqual(['failure', 'success']);
      expect(lab.github.problems).toEqual([]);
    });
    expect(calls).toBeGreaterThan(12);
  },
);

test('a GitHub that is away for hours has the comment in the end', async () => {
  const lab = await openCommentLab();
  const run = await lab.leg('1');
  lab.github.inject({ answer: badGateway, times: 20 });
  await lab.finish(run.run_id, 'failed');
  await lab.sendAll();
  expect(titles(lab.body())).toEqual(['#### Failed: app (1)']);
});
