import { expect, test } from 'vitest';
import { ArtifactName } from '../../protocol/shapes/artifact.ts';
import { artifactNames } from './artifact-names.ts';

test('paths that are good names stay as they are', () => {
  const paths = ['trace.zip', 'test-results/login works/100% Ü.png', '.hidden', 'a..b/…c', '-rf'];
  expect(artifactNames(paths)).toEqual(paths);
});

const marked = /^(.*)~[0-9a-f]{8}(.*)$/;
const unmarked = (name: string): string => name.replace(marked, '$1$2');

test.each([
  ['a\\b.png', 'a_b.png'],
  ['..\\..\\etc', '.._.._etc'],
  ['a\nb\u001b[31m.log', 'a_b_[31m.log'],
  ['exe.\u202egnp', 'exe._gnp'],
  ['C:evil.txt', 'C_evil.txt'],
  ['a.txt:stream', 'a.txt_stream'],
  ['a<b>"|?*.png', 'a_b_____.png'],
  ['COM¹.log/conin$', '_COM¹.log/_conin$'],
  ['log\u200bin.png', 'log_in.png'],
  ['nul', '_nul'],
  ['con.txt/aux.log', '_con.txt/_aux.log'],
  ['folder./ends with a blank ', 'folder_/ends with a blank_'],
  ['half \ud83c.txt', 'half \ufffd.txt'],
])('%j becomes %j with a mark', (path, name) => {
  const [made = ''] = artifactNames([path]);
  expect(unmarked(made)).toBe(name);
  expect(made).toMatch(marked);
  expect(ArtifactName.safeParse(made).success).toBe(true);
});

test('a long path keeps its end, a long file name its beginning and its extension', () => {
  const deep = `${'folder/'.repeat(60)}trace.zip`;
  const long = `results/${'界'.repeat(200)}.webm`;
  const [first = '', second = ''] = artifactNames([deep, long]);
  expect(unmarked(first)).toMatch(/^(folder\/)+trace\.zip$/);
  expect(unmarked(second)).toMatch(/^results\/界+\.webm$/);
  for (const name of [first, second]) expect(ArtifactName.safeParse(name).success).toBe(true);
});

test('different paths get different names, also for a disk without upper case, and always the same ones', () => {
  const paths = ['A.png', 'a.png', 'a\\b', 'a\tb', 'a_b', 'deep/A.png'];
  const names = artifactNames(paths);
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(paths.length);
  expect(names).toMatchObject({ 0: 'A.png', 4: 'a_b', 5: 'deep/A.png' });
  expect(artifactNames(paths)).toEqual(names);
});
