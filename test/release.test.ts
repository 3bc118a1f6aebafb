import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { projectRoot } from './support/sources.ts';

const script = join(projectRoot, '.github/move-major-tag.sh');

/** A clone with these tags, each at a commit of its own, and a stand-in for `gh`: it knows the releases that it made. */
function makeClone(tags: readonly string[]) {
  const base = mkdtempSync(join(tmpdir(), 'qgjob-release-'));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const [origin, clone, calls] = ['origin', 'clone', 'calls'].map((name) => join(base, name));
  const env = {
    PATH: `${base}:${process.env.PATH}`,
    HOME: base,
    GIT_CONFIG_NOSYSTEM: '1',
    ...{ GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@a', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@a' },
  };
  const run = (cwd: string | undefined, command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  const made = join(base, 'made-');
  writeFileSync(
    join(base, 'gh'),
    `#!/bin/sh
if [ "$2" = view ]; then test -e "${made}$3"; exit; fi
if test -e "${made}$3"; then echo 'a release with the same tag name already exists' >&2; exit 1; fi
echo "$@" >> '${calls}'; : > "${made}$3"
`,
  );
  chmodSync(join(base, 'gh'), 0o755);
  run(base, 'git', 'init', '--quiet', '--bare', String(origin));
  run(base, 'git', 'clone', '--quiet', String(origin), String(clone));
  for (const tag of tags) {
    run(clone, 'git', 'commit', '--quiet', '--allow-empty', '-m', tag);
    run(clone, 'git', 'tag', tag);
  }
  run(clone, 'git', 'push', '--quiet', '--tags', 'origin');
  return {
    release: (tag: string) => run(clone, 'bash', script, tag),
    /** What the tag of the remote points to, as the name of a release. */
    nameOf: (tag: string) => run(origin, 'git', 'log', '-1', '--format=%s', tag),
    gh: () => readFileSync(String(calls), 'utf8').trim().split('\n'),
    /** Whether the remote refuses every push from now on. */
    refusePushes(isRefused: boolean) {
      const hook = join(String(origin), 'hooks/pre-receive');
      writeFileSync(hook, `#!/bin/sh\nexit ${isRefused ? 1 : 0}\n`);
      chmodSync(hook, 0o755);
    },
  };
}

test('a release moves the tag of its major version, which is made if it is not there', () => {
  const clone = makeClone(['v1.0.0', 'v1.9.0', 'v1.10.0']);
  clone.release('v1.10.0');
  expect(clone.nameOf('v1')).toBe('v1.10.0');
  expect(clone.gh()).toEqual(['release create v1.10.0 --verify-tag --generate-notes --latest=true']);
});

test('a patch of an older line is released, and moves nothing back', () => {
  const clone = makeClone(['v1.0.0', 'v1.2.0', 'v2.0.0', 'v1.0.1', 'v1.2.1']);
  clone.release('v2.0.0');
  clone.release('v1.0.1');
  expect(() => clone.nameOf('v1')).toThrow();
  clone.release('v1.2.1');
  expect([clone.nameOf('v1'), clone.nameOf('v2')]).toEqual(['v1.2.1', 'v2.0.0']);
  expect(clone.gh().map((line) => line.split(' ').at(-1))).toEqual([
    '--latest=true',
    '--latest=false',
    '--latest=false',
  ]);
});

test('where the tag could not be moved, the next try finds the release and moves it', () => {
  const clone = makeClone(['v1.0.0']);
  clone.refusePushes(true);
  expect(() => clone.release('v1.0.0')).toThrow();
  expect(() => clone.nameOf('v1')).toThrow();
  clone.refusePushes(false);
  clone.release('v1.0.0');
  expect(clone.nameOf('v1')).toBe('v1.0.0');
  expect(clone.gh()).toHaveLength(1);
});
