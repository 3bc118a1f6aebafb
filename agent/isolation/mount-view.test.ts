import { expect, test } from 'vitest';
import { type Place, planView } from './mount-view.ts';

const scratch = '/tmp/lease/view';
const plan = (...places: Place[]) => planView(places, scratch);

test('what is shown inside of a hidden folder is mounted after it, on a point made in its cover', () => {
  expect(plan({ path: '/tmp/lease', sight: 'shown' }, { path: '/tmp', sight: 'hidden' })).toEqual({
    steps: [
      ['bind', `${scratch}/0`, '/tmp'],
      ['bind', '/tmp/lease', '/tmp/lease'],
    ],
    folders: [`${scratch}/0`, `${scratch}/0/lease`],
    files: [],
  });
});

test('what is shown outside of hidden folders needs no mount', () => {
  expect(plan({ path: '/srv/suite', sight: 'shown' }).steps).toEqual([]);
});

test('a hidden folder inside of a layer covers it there, and a socket is mounted on a file', () => {
  const { steps, files } = plan(
    { path: '/tmp', sight: 'hidden' },
    { path: '/tmp/suite', sight: 'layered' },
    { path: '/tmp/suite/.qgjob', sight: 'hidden' },
    { path: '/tmp/suite/qgjob.agent.json', sight: 'emptied' },
    { path: '/tmp/.s.PGSQL.5432', sight: 'shown', isFile: true },
  );
  expect(steps).toEqual([
    ['bind', `${scratch}/0`, '/tmp'],
    ['overlay', '/tmp/suite', `${scratch}/1/upper`, `${scratch}/1/work`],
    ['bind', `${scratch}/2`, '/tmp/suite/.qgjob'],
    ['bind', '/tmp/.s.PGSQL.5432', '/tmp/.s.PGSQL.5432'],
    ['bind', '/dev/null', '/tmp/suite/qgjob.agent.json'],
  ]);
  expect(files).toEqual([`${scratch}/0/.s.PGSQL.5432`]);
});

test('of two sights of one path the one that shows more counts', () => {
  expect(plan({ path: '/tmp', sight: 'hidden' }, { path: '/tmp', sight: 'shown' }).steps).toEqual([]);
  expect(plan({ path: '/ci', sight: 'layered' }, { path: '/ci', sight: 'layered' }).steps).toHaveLength(1);
});

test('a folder whose name begins alike is not inside', () => {
  const { folders } = plan({ path: '/tmp', sight: 'hidden' }, { path: '/tmpfiles', sight: 'layered' });
  expect(folders).toEqual([`${scratch}/0`, `${scratch}/1/upper`, `${scratch}/1/work`]);
});
