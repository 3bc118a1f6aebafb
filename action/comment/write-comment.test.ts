import { expect, test } from 'vitest';
import { renderComment } from '../../report/render-comment.ts';
import { markerOf, readSections, type Section } from '../../report/sections.ts';
import {
  badGateway,
  type FakeGithub,
  secondaryLimit,
  startFakeGithub,
} from '../../test/support/github/fake-github.ts';
import { openGithub } from '../github/open-github.ts';
import { type CommentOptions, writeComment } from './write-comment.ts';

const marker = markerOf('acme', 'app tests');
const title = 'qgjob: app tests';

const sectionOf = (leg: number, more: Partial<Section> = {}): Section => ({
  key: leg.toString(16).padStart(16, '0'),
  stamp: { runId: 100, attempt: 1 },
  ...{ result: 'failed', head: `#### leg ${leg}: failed`, blocks: [`block of ${leg}`], isCut: false },
  ...more,
});

/** One step of a workflow that writes its section. */
async function write(github: FakeGithub, section: Section, more: Partial<CommentOptions> = {}, rights = {}) {
  const asked = { token: github.token(rights), repository: 'acme/app', baseUrl: github.url };
  const api = await openGithub({ ...asked, forMs: 100_000 });
  const options = { issue: 7, marker, title, section, policy: 'failures', pauseMs: 20, ...more } as const;
  await writeComment(api, options);
}

const legsIn = (body: string | undefined) => readSections(body ?? '').map(({ head }) => head);
const heads = (legs: readonly number[]) => legs.map((leg) => `#### leg ${leg}: failed`).sort();
const fifteen = Array.from({ length: 15 }, (_, leg) => leg);

test('fifteen legs at once: one comment with fifteen sections, none lost', async () => {
  const github = await startFakeGithub(() => Math.random() * 20);
  await Promise.all(fifteen.map((leg) => write(github, sectionOf(leg))));
  expect(github.comments).toHaveLength(1);
  expect(legsIn(github.comments[0]?.body)).toEqual(heads(fifteen));
  expect(github.comments[0]?.reactions).toEqual([]);
  expect(github.problems).toEqual([]);
});

test('also when every leg creates a comment, and when calls are slow, fail and lose their answers', async () => {
  const github = await startFakeGithub(() => Math.random() * 50);
  for (const on of ['issues/create-comment', 'issues/update-comment', 'reactions/create-for-issue-comment'])
    github.inject(
      { on, answer: 'reset', done: true, after: 1 },
      { on, answer: badGateway, done: true, after: 2 },
      { on, answer: secondaryLimit(0), after: 1 },
    );
  // No pause before the first look: none of them finds a comment.
  const all = fifteen.map((leg) => write(github, sectionOf(leg), { pauseMs: 1, staleMs: 2000 }));
  await Promise.all(all);
  expect(github.comments).toHaveLength(1);
  expect(legsIn(github.comments[0]?.body)).toEqual(heads(fifteen));
  expect(github.problems).toEqual([]);
});

test('a token for which GitHub has no reactions writes the comment without the lock, and ends', async () => {
  const github = await startFakeGithub();
  await write(github, sectionOf(1));
  const none = { status: 404, body: { message: 'Not Found' } };
  for (let looks = 0; looks < 5; looks += 1)
    github.inject({ on: 'reactions/list-for-issue-comment', answer: none });
  await write(github, sectionOf(2));
  expect(legsIn(github.comments[0]?.body)).toEqual(heads([1, 2]));
  expect(
    github.calls.filter(({ operation }) => operation === 'reactions/list-for-issue-comment'),
  ).toHaveLength(1);
});

/** A person, or a step that was killed, has put its eyes on this comment. */
const react = (github: FakeGithub, comment: number | undefined, login: string) => {
  const headers = { authorization: `token ${github.token({ login })}`, 'content-type': 'application/json' };
  const url = `${github.url}/repos/acme/app/issues/comments/${comment}/reactions`;
  return fetch(url, { method: 'POST', headers, body: '{"content":"eyes"}' });
};

test('the lock of a step that was killed is taken over, and the eyes of a person are none', async () => {
  const github = await startFakeGithub();
  await write(github, sectionOf(1));
  const [comment] = github.comments;
  await react(github, comment?.id, 'octocat');
  await write(github, sectionOf(2), { staleMs: 1e9 });
  await react(github, comment?.id, 'github-actions[bot]');
  await write(github, sectionOf(3), { staleMs: 50 });
  expect(legsIn(github.comments[0]?.body)).toEqual(heads([1, 2, 3]));
  expect(github.comments[0]?.reactions.map(({ login }) => login)).toEqual(['octocat']);
});

test('a comment of somebody else with the same marker is left alone', async () => {
  const github = await startFakeGithub();
  github.addComment(7, 'octocat', renderComment(marker, title, [sectionOf(9)]));
  github.addComment(7, 'github-actions', renderComment(marker, title, [sectionOf(9)]));
  await write(github, sectionOf(1));
  expect(github.comments.map(({ edits }) => edits)).toEqual([0, 0, 0]);
  expect(legsIn(github.comments[2]?.body)).toEqual(heads([1]));
});

test('two comments of ours become one, with the sections of both', async () => {
  const github = await startFakeGithub();
  for (const legs of [[1, 2], [2, 3], [4]])
    github.addComment(
      7,
      'github-actions[bot]',
      renderComment(
        marker,
        title,
        legs.map((leg) => sectionOf(leg)),
      ),
    );
  await write(github, sectionOf(5));
  expect(github.comments).toHaveLength(1);
  expect(legsIn(github.comments[0]?.body)).toEqual(heads([1, 2, 3, 4, 5]));
});

const passed = (leg: number, runId = 100) =>
  sectionOf(leg, { result: 'passed', head: `#### leg ${leg}: passed`, stamp: { runId, attempt: 1 } });

test('a newer run takes the place of an older one, which changes nothing any more', async () => {
  const github = await startFakeGithub();
  await write(github, sectionOf(1));
  await write(github, sectionOf(2));
  await write(github, passed(1, 200));
  expect(legsIn(github.comments[0]?.body)).toEqual(['#### leg 1: passed']);
  await write(github, sectionOf(2));
  expect(legsIn(github.comments[0]?.body)).toEqual(['#### leg 1: passed']);
  await write(github, sectionOf(1, { stamp: { runId: 200, attempt: 2 } }));
  expect(legsIn(github.comments[0]?.body)).toEqual(heads([1]));
});

test('where the comment is full of failures, a step whose section has no room ends', async () => {
  const github = await startFakeGithub();
  const failures = Array.from({ length: 300 }, (_, leg) =>
    sectionOf(leg, { head: `#### leg ${leg}: ${'x'.repeat(140)}`, blocks: [] }),
  );
  github.addComment(7, 'github-actions[bot]', renderComment(marker, title, failures));
  const had = legsIn(github.comments[0]?.body);
  await write(github, passed(999), { policy: 'always' });
  expect(github.comments).toMatchObject([{ edits: 1 }]);
  expect(legsIn(github.comments[0]?.body)).toEqual(had);
});

test('a step whose writes have no effect ends with its time', async () => {
  const github = await startFakeGithub();
  await write(github, sectionOf(1));
  github.inject({ on: 'issues/update-comment', answer: { status: 200, body: {} }, times: 1e6 });
  const asked = { token: github.token(), repository: 'acme/app', baseUrl: github.url };
  const api = await openGithub({ ...asked, forMs: 500 });
  const options = { issue: 7, marker, title, section: sectionOf(2), policy: 'failures', pauseMs: 1 } as const;
  await expect(writeComment(api, options)).rejects.toMatchObject({ code: 'unavailable' });
});

test('what is written when: failures, always, changes', async () => {
  const github = await startFakeGithub();
  await write(github, passed(1));
  await write(github, passed(1), { policy: 'changes' });
  expect(github.comments).toEqual([]);
  await write(github, passed(1), { policy: 'always' });
  expect(github.comments).toHaveLength(1);
  const edits = async (section: Section, policy: CommentOptions['policy']) => {
    await write(github, section, { policy });
    return github.comments[0]?.edits;
  };
  expect(await edits(passed(1, 101), 'changes')).toBe(0);
  expect(await edits(sectionOf(1, { stamp: { runId: 102, attempt: 1 } }), 'changes')).toBe(1);
  expect(await edits(sectionOf(1, { stamp: { runId: 103, attempt: 1 } }), 'changes')).toBe(1);
  expect(await edits(passed(1, 104), 'failures')).toBe(2);
});

test('a token that may not write comments is refused', async () => {
  const github = await startFakeGithub();
  const done = write(github, sectionOf(1), {}, { pullRequests: 'read' });
  await expect(done).rejects.toMatchObject({ code: 'forbidden' });
});

test('a lock that a killed step left on the younger of two comments is taken over too', async () => {
  const github = await startFakeGithub();
  for (const leg of [1, 2])
    github.addComment(7, 'github-actions[bot]', renderComment(marker, title, [sectionOf(leg)]));
  await react(github, github.comments[1]?.id, 'github-actions[bot]');
  // No single try sees it for long enough.
  await write(github, sectionOf(3), { pauseMs: 10, staleMs: 500, patienceMs: 50 });
  expect(github.comments).toHaveLength(1);
  expect(legsIn(github.comments[0]?.body)).toEqual(heads([1, 2, 3]));
  expect(github.comments[0]?.reactions).toEqual([]);
});

test.each([
  ['passed', 'failed'],
  ['failed', 'passed'],
] as const)(
  'of two steps that nothing tells apart, of which one %s and the other %s, the failure is told',
  async (...ends) => {
    const github = await startFakeGithub();
    for (const result of ends) await write(github, sectionOf(1, { result }), { policy: 'always' });
    expect(readSections(github.comments[0]?.body ?? '').map(({ result }) => result)).toEqual(['failed']);
  },
);
