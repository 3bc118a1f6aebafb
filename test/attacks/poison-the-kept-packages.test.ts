import { expect, test } from 'vitest';
import {
  asNobody,
  commit,
  type Files,
  startHost,
  suiteFiles,
} from '../../agent/test-support/packages-host.ts';

const isRoot = process.getuid?.() === 0;

const reads = 'cat node_modules/left/text; node_modules/.bin/left; cat made';
const read = 'as it was made\nof left\nby its script\n';

/** Of the victim, with a script of its own. */
const victim = { ownScripts: { postinstall: 'echo by its script > made' } };

/** The victim's manifests and lock file, with a test of the attacker's there. */
const victimInside = async (): Promise<Files> => ({
  ...Object.fromEntries(Object.entries(await suiteFiles(victim)).map(([path, body]) => [`v/${path}`, body])),
  'v/test.sh': '',
});

const programs = `mkdir -p ~/.local/bin; printf '#!/bin/sh\\n' > ~/.local/bin/npm; chmod +x ~/.local/bin/npm`;

const poisons: [what: string, script: string, settings: string | undefined][] = [
  ['npm installs nothing', `echo dry-run=true > ~/.npmrc; ${programs}`, undefined],
  // With a word of it in its settings a folder gets no kept packages: its scripts run before npm is asked anything.
  ['npm runs no scripts', 'echo ignore-scripts=true > ~/.npmrc', '; not ignore-scripts\n'],
];

test.skipIf(!isRoot).each(poisons)(
  'a source leaves at home that %s, and another one with the lock file it brought gets its packages whole',
  async (_what, postinstall, npmrc) => {
    const host = await startHost(asNobody);
    const files = { ...(await victimInside()), ...(npmrc && { '.npmrc': npmrc }) };
    await host.run(await commit(files, { ownScripts: { postinstall } }), 'v/test.sh');
    const { verdict, log } = await host.run(await commit({ 'test.sh': `set -e; ${reads}` }, victim));
    expect([verdict, log]).toEqual(['passed', expect.stringContaining(read)]);
  },
);
