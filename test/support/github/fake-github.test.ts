import { expect, test } from 'vitest';
import { badGateway, type FakeGithub, secondaryLimit, startFakeGithub } from './fake-github.ts';

const sha = '1'.repeat(40);
const at = '/repos/acme/app';

/** Calls as a program without a toolkit does; answers the status, the headers and the body. */
async function ask(github: FakeGithub, token: string, method: string, path: string, body?: unknown) {
  const response = await fetch(`${github.url}${path}`, {
    ...{ method, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json';
  return {
    status: response.status,
    headers: response.headers,
    body: isJson && text ? JSON.parse(text) : text,
  };
}

const output = (more: object = {}) => ({ title: 'x', summary: 'x', ...more });
const annotation = { path: 'a.ts', start_line: 1, end_line: 1, annotation_level: 'failure', message: 'no' };

test('a check run is created, found by its name, completed, and its annotations add up', async () => {
  const github = await startFakeGithub();
  const token = github.token();
  const post = (body: object) => ask(github, token, 'POST', `${at}/check-runs`, body);
  const { status, body: made } = await post({ name: 'qgjob (a)', head_sha: sha, status: 'in_progress' });
  expect(status).toBe(201);
  await post({ name: 'other', head_sha: sha });
  const found = await ask(github, token, 'GET', `${at}/commits/${sha}/check-runs?check_name=qgjob%20(a)`);
  expect(found.body).toMatchObject({ total_count: 1, check_runs: [{ id: made.id, status: 'in_progress' }] });
  const patch = (body: object) => ask(github, token, 'PATCH', `${at}/check-runs/${made.id}`, body);
  await patch({ conclusion: 'failure', output: output({ annotations: [annotation] }) });
  const { body: done } = await patch({ output: output({ annotations: [annotation, annotation] }) });
  expect(done).toMatchObject({
    status: 'completed',
    conclusion: 'failure',
    output: { annotations_count: 3 },
  });
  expect(github.problems).toEqual([]);
});

test.each([
  ['no commit', { name: 'x' }],
  ['an unknown conclusion', { name: 'x', head_sha: sha, conclusion: 'green' }],
  ['an end without a conclusion', { name: 'x', head_sha: sha, status: 'completed' }],
  ['a time that is none', { name: 'x', head_sha: sha, started_at: 'now' }],
  [
    '51 annotations',
    { name: 'x', head_sha: sha, output: output({ annotations: Array(51).fill(annotation) }) },
  ],
  ['a long summary', { name: 'x', head_sha: sha, output: output({ summary: 'ü'.repeat(40_000) }) }],
  [
    'a path of no repository',
    { name: 'x', head_sha: sha, output: output({ annotations: [{ ...annotation, path: '/a' }] }) },
  ],
  [
    'line 0',
    { name: 'x', head_sha: sha, output: output({ annotations: [{ ...annotation, start_line: 0 }] }) },
  ],
])('a check run with %s is refused, and the test is told', async (_, body) => {
  const github = await startFakeGithub();
  const { status } = await ask(github, github.token(), 'POST', `${at}/check-runs`, body);
  expect(status).toBe(422);
  expect(github.problems).toHaveLength(1);
  expect(github.checks).toEqual([]);
});

test('a comment is created, listed by pages, changed and removed; a reaction is new only once', async () => {
  const github = await startFakeGithub();
  const token = github.token();
  for (let index = 0; index < 101; index += 1) github.addComment(7, 'octocat', `${index}`);
  const list = (page: number) =>
    ask(github, token, 'GET', `${at}/issues/7/comments?per_page=100&page=${page}`);
  const { body: made } = await ask(github, token, 'POST', `${at}/issues/7/comments`, { body: 'mine' });
  expect((await list(1)).body).toHaveLength(100);
  expect((await list(2)).body).toMatchObject([{}, { body: 'mine', user: { login: 'github-actions[bot]' } }]);
  const one = `${at}/issues/comments/${made.id}`;
  const react = () => ask(github, token, 'POST', `${one}/reactions`, { content: 'eyes' });
  const [first, again] = [await react(), await react()];
  expect([first.status, again.status]).toEqual([201, 200]);
  expect(again.body.id).toBe(first.body.id);
  expect((await ask(github, token, 'DELETE', `${one}/reactions/${first.body.id}`)).status).toBe(204);
  expect((await react()).status).toBe(201);
  expect((await ask(github, token, 'PATCH', one, { body: 'new' })).body.body).toBe('new');
  expect((await ask(github, token, 'PATCH', one, { body: 'x'.repeat(65_536) })).status).toBe(422);
  expect((await ask(github, token, 'DELETE', one)).status).toBe(204);
  expect((await ask(github, token, 'PATCH', one, { body: 'late' })).status).toBe(404);
  expect(github.problems).toEqual(['issues/update-comment: body is too long (maximum is 65536 characters)']);
});

test('a token does what it may: reading always, writing where it was granted', async () => {
  const github = await startFakeGithub();
  const reader = github.token({ checks: 'read', pullRequests: 'read' });
  const check = { name: 'x', head_sha: sha };
  const refused = await ask(github, reader, 'POST', `${at}/check-runs`, check);
  expect(refused).toMatchObject({ status: 403, body: { message: 'Resource not accessible by integration' } });
  expect((await ask(github, reader, 'POST', `${at}/issues/7/comments`, { body: 'x' })).status).toBe(403);
  expect((await ask(github, reader, 'GET', `${at}/issues/7/comments`)).status).toBe(200);
  expect((await ask(github, 'nobody', 'POST', `${at}/check-runs`, check)).status).toBe(401);
  expect((await ask(github, reader, 'GET', `${at}/pulls`)).status).toBe(404);
  expect(github.problems).toEqual(['no such call here: get /repos/acme/app/pulls']);
});

test('a fault hits the calls that it names, before or after they have taken effect', async () => {
  const github = await startFakeGithub();
  const token = github.token();
  const create = () => ask(github, token, 'POST', `${at}/check-runs`, { name: 'x', head_sha: sha });
  github.inject(
    { on: 'checks/create', answer: secondaryLimit(2) },
    { on: 'checks/create', answer: 'reset', done: true },
    { on: 'checks/create', answer: badGateway },
  );
  const limited = await create();
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([403, '2']);
  await expect(create()).rejects.toThrow();
  expect(github.checks).toHaveLength(1);
  expect((await create()).status).toBe(502);
  expect((await create()).status).toBe(201);
  expect(github.checks).toHaveLength(2);
  expect(github.calls.map(({ status }) => status)).toEqual([403, 'reset', 502, 201]);
});
