import { expect, test } from 'vitest';
import { hide, shellLine } from './shell-line.ts';

const step = {
  name: 'test',
  argv: ['maestro', 'test', '-e', 'QGJOB_PARAM_PASSWORD=hunter22', '-e', 'QGJOB_PARAM_NAME=ana', 'a b.yaml'],
  cwd: process.cwd(),
  own: { CI: '1', QGJOB_PARAM_NAME: 'ana', QGJOB_PARAM_PASSWORD: 'hunter22' },
};
const hidden = { token: '', withheld: ['QGJOB_PARAM_PASSWORD'] };

test('a withheld param is named where a program takes it as a word, and its value is not shown', () => {
  expect(shellLine(step, hidden)).toBe(
    'env -u QGJOB_TOKEN CI=1 QGJOB_PARAM_NAME=ana maestro test ' +
      `-e "QGJOB_PARAM_PASSWORD=$QGJOB_PARAM_PASSWORD" -e QGJOB_PARAM_NAME=ana 'a b.yaml'`,
  );
  expect(JSON.stringify(hide(step, hidden))).not.toContain('hunter22');
});

test('set-ups and installs get no param, and another folder has a shell of its own', () => {
  const install = { name: 'install', argv: ['npm', 'ci'], cwd: '/srv/a b', own: { CI: '1' } };
  expect(shellLine(install, hidden)).toBe(
    `(cd '/srv/a b' && env -u QGJOB_PARAM_PASSWORD -u QGJOB_TOKEN CI=1 npm ci)`,
  );
});
