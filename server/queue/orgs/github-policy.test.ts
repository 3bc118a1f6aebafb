import { expect, test } from 'vitest';
import { type GithubFacts, trustedEvents } from '../../../protocol/github.ts';
import type { GithubBindingRow } from '../store/rows.ts';
import { admits, isAbout, refuseWorkflow } from './github-policy.ts';

const facts = (more: Partial<GithubFacts> = {}): GithubFacts => ({
  ...{ repository: 'acme/app', repository_id: '4711', repository_owner_id: '11', run_id: '900' },
  ...{ run_attempt: 1, event_name: 'push', ref: 'refs/heads/main', sha: '1'.repeat(40), ...more },
});
const binding = (more: Partial<GithubBindingRow> = {}) =>
  ({ repositoryOwnerId: '11', repositoryId: '4711', events: null, refs: null, ...more }) as GithubBindingRow;

test('a binding is about a repository by its ids, or about all of its owner', () => {
  expect(isAbout(binding(), facts())).toBe(true);
  expect(isAbout(binding({ repositoryId: null }), facts())).toBe(true);
  expect(isAbout(binding({ repositoryId: '1' }), facts())).toBe(false);
  expect(isAbout(binding({ repositoryOwnerId: '1' }), facts())).toBe(false);
  expect(isAbout(binding({ repositoryOwnerId: '1', repositoryId: null }), facts())).toBe(false);
});

test('a binding without events admits those alone that need write access', () => {
  const admitted = (event_name: string) => admits(binding(), facts({ event_name }));
  const others = ['pull_request_target', 'workflow_run', 'issues', 'issue_comment', 'fork', 'watch'];
  expect([...trustedEvents, ...others].filter(admitted)).toEqual([...trustedEvents]);
});

test('a binding with events and refs admits what is in both', () => {
  const one = binding({ events: '["issues"]', refs: '["refs/heads/main","refs/tags/v*"]' });
  const admitted = (event_name: string, ref: string) => admits(one, facts({ event_name, ref }));
  expect(admitted('issues', 'refs/heads/main')).toBe(true);
  expect(admitted('issues', 'refs/tags/v2')).toBe(true);
  expect(admitted('push', 'refs/heads/main')).toBe(false);
  expect(admitted('issues', 'refs/heads/other')).toBe(false);
});

const command = '`qgjob orgs github';
const ids = '--owner-id=11 --repository-id=4711';
test.each<[string, GithubBindingRow[], Partial<GithubFacts>, string | undefined, string]>([
  [
    'no binding',
    [],
    {},
    undefined,
    `repository acme/app (id 4711) is not bound to an org here: an operator of the server binds it with ${command} ORG ${ids}\``,
  ],
  [
    'no binding of the org',
    [],
    {},
    'acme',
    `repository acme/app (id 4711) is not bound to org acme here: an operator of the server binds it with ${command} acme ${ids}\``,
  ],
  [
    'another event',
    [binding({ events: '["schedule"]' }), binding({ events: '["release"]' })],
    {},
    'acme',
    `workflows of the event push may not sign in for acme/app: an operator who trusts their code adds it to the events of the binding, ${command} acme ${ids} --event=OTHERS,push\``,
  ],
  [
    'another ref',
    [binding({ events: '["schedule"]' }), binding({ refs: '["refs/heads/x"]' })],
    {},
    'acme',
    `workflows on refs/heads/main may not sign in for acme/app: an operator adds it to the refs of the binding, ${command} acme ${ids} --ref=OTHERS,refs/heads/main\``,
  ],
  [
    'a ref that a shell would read',
    [binding({ refs: '["refs/heads/x"]' })],
    { ref: 'refs/heads/$(id)' },
    undefined,
    `workflows on refs/heads/$(id) may not sign in for acme/app: an operator adds it to the refs of the binding, ${command} ORG ${ids} --ref=OTHERS,REF\``,
  ],
  [
    'a ref that a shell would read at its end',
    [binding({ refs: '["refs/heads/x"]' })],
    { ref: `${'x'.repeat(120)};id` },
    undefined,
    `workflows on ${'x'.repeat(100)} may not sign in for acme/app: an operator adds it to the refs of the binding, ${command} ORG ${ids} --ref=OTHERS,REF\``,
  ],
])('a workflow with %s is told what to do, and no policy', (_what, about, more, org, message) => {
  expect(refuseWorkflow(about, facts(more), org)).toMatchObject({ code: 'forbidden', message });
});
