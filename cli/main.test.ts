import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exitCodes } from '../protocol/exit-codes.ts';
import { makeFolder } from '../test/support/processes.ts';

const root = join(import.meta.dirname, '..');
const main = join(root, 'build/cli/main.js');

/** Runs the built bin on a Node that claims this version. */
function runOn(version: string, ...args: string[]) {
  const pretend = `Object.defineProperty(process.versions, 'node', { value: '${version}' });`;
  const preload = join(makeFolder({ 'pretend.cjs': pretend }), 'pretend.cjs');
  return spawnSync(process.execPath, ['--require', preload, main, ...args], { encoding: 'utf8' });
}

test.each(['12.22.0', '18.20.4', '20.20.2', '22.0.0', '22.11.9'])(
  'Node %s is refused in one line',
  (version) => {
    for (const args of [['--version'], ['server', '--port=x'], []]) {
      const { status, stdout, stderr } = runOn(version, ...args);
      expect({ status, stdout }).toEqual({ status: exitCodes.usage, stdout: '' });
      expect(stderr).toMatch(/^qgjob: needs Node 22\.12 or newer, this is v.*\n$/);
    }
  },
);

test.each(['22.12.0', '24.0.0', '26.10.0'])('Node %s is good enough', (version) => {
  expect(runOn(version, '--version')).toMatchObject({ status: 0, stderr: '' });
});

test('what is needed is what package.json says', () => {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const [, major, minor] =
    /\[needMajor, needMinor\] = \[(\d+), (\d+)\]/.exec(readFileSync(main, 'utf8')) ?? [];
  expect(engines.node).toBe(`>=${major}.${minor}`);
});

test('nothing is imported before the version was looked at', () => {
  expect(readFileSync(main, 'utf8')).not.toMatch(/^import\b|^export .*from|\?\?|\?\.|`.*\bawait\b|^await/m);
});
