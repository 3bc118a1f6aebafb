import { expect, test } from 'vitest';
import type { GithubBinding } from '../../protocol/shapes/github.ts';
import { changeBindings, isChange } from './change-bindings.ts';

const app: GithubBinding = { repository_owner_id: '11', repository_id: '4711' };
const owner: GithubBinding = { repository_owner_id: '11' };
const ids = { ownerId: '11', repositoryId: '4711' };

test('a repository is added after those that are bound', () => {
  expect(changeBindings([owner], ids)).toEqual([owner, app]);
  expect(changeBindings([app], { ownerId: '11' })).toEqual([app, owner]);
});

test('a repository that is bound gets the new policy in its place, without what the flags leave out', () => {
  const strict = { ...app, events: ['push'], refs: ['refs/heads/main'] };
  const flags = { ...ids, event: ['push,release', 'schedule'], scope: ['read'] };
  expect(changeBindings([strict, owner], flags)).toEqual([
    { ...app, events: ['push', 'release', 'schedule'], scopes: ['read'] },
    owner,
  ]);
});

test('a repository is removed alone', () => {
  expect(changeBindings([owner, app], { ...ids, remove: true })).toEqual([owner]);
  expect(() => changeBindings([owner], { ...ids, remove: true })).toThrow(/no such binding/);
});

test('a repository with several bindings is left alone', () => {
  expect(() => changeBindings([app, { ...app, events: ['push'] }], ids)).toThrow(/has several bindings/);
});

test.each([
  [{ ownerId: 'acme' }, '--owner-id: "acme" is no number'],
  [{ ownerId: '011' }, '--owner-id: "011" is no number'],
  [{ ...ids, repositoryId: 'acme/app' }, '--repository-id: "acme/app" is no number'],
  [{ ...ids, ref: ['main'] }, '--ref: "main" is not a whole ref: refs/heads/main'],
  [{ ...ids, event: ['*'] }, '--event: "*" is not the name of an event'],
  [{ ...ids, event: [','] }, '--event: name at least one'],
  [{ ...ids, scope: ['admin'] }, '--scope: "admin" is not one of submit, read'],
])('%j is refused', (flags, words) => {
  expect(() => changeBindings([], flags)).toThrow(words);
});

test('a policy needs the repository that it is for', () => {
  expect(isChange({})).toBe(false);
  expect(isChange({ ownerId: '11' })).toBe(true);
  expect(() => isChange({ repositoryId: '1' })).toThrow(
    '--repository-id: name the owner of the repository too',
  );
  expect(() => isChange({ event: ['push'] })).toThrow('--event: name the owner');
  expect(() => isChange({ remove: true })).toThrow('--remove: name the owner');
});
