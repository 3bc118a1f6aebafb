import { expect, test } from 'vitest';
import { type Place, planView } from './mount-view.ts';

const scratch = '/mnt/lease/view';
const plan = (...places: Place[]) => planView(places, scratch);

test('what is shown inside of a hidden folder is mounted after it, on a point made in its cover', () => {
  expect(plan({ path: '/mnt/lease', sight: 'shown' }, { path: '/mnt', sight: 'hidden' })).toEqual({
    steps: [
      ['bind', `${scratch}/0`, '/mnt'],
      ['bind', '/mnt/lease', '/mnt/lease'],
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
    { path: '/mnt', sight: 'hidden' },
    { path: '/mnt/suite', sight: 'layered' },
    { path: '/mnt/suite/.qgjob', sight: 'hidden' },
    { path: '/mnt/suite/qgjob.agent.json', sight: 'emptied' },
    { path: '/mnt/.s.PGSQL.5432', sight: 'shown', isFile: true },
  );
  expect(steps).toEqual([
    ['bind', `${scratch}/0`, '/mnt'],
    ['overlay', '/mnt/suite', `${scratch}/1/upper`, `${scratch}/1/work`],
    ['bind', `${scratch}/2`, '/mnt/suite/.qgjob'],
    ['bind', '/mnt/.s.PGSQL.5432', '/mnt/.s.PGSQL.5432'],
    ['bind', '/dev/null', '/mnt/suite/qgjob.agent.json'],
  ]);
  expect(files).toEqual([`${scratch}/0/.s.PGSQL.5432`]);
});

test('of two sights of one path the one that shows more counts', () => {
  expect(plan({ path: '/mnt', sight: 'hidden' }, { path: '/mnt', sight: 'shown' }).steps).toEqual([]);
  expect(plan({ path: '/ci', sight: 'layered' }, { path: '/ci', sight: 'layered' }).steps).toHaveLength(1);
});

test('a folder whose name begins alike is not inside', () => {
  const { folders } = plan({ path: '/mnt', sight: 'hidden' }, { path: '/mntfiles', sight: 'layered' });
  expect(folders).toEqual([`${scratch}/0`, `${scratch}/1/upper`, `${scratch}/1/work`]);
});
