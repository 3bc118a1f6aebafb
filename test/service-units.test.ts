import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SaxesParser } from 'saxes';
import { expect, test } from 'vitest';
import { builtCli } from './support/built-cli.ts';
import { projectRoot } from './support/sources.ts';

const folder = join(projectRoot, 'examples/service');
const unit = join(folder, 'qgjob-agent.service');
const units = [unit, join(folder, 'qgjob-server.service')].concat(
  ['service', 'timer'].map((kind) => join(projectRoot, `deploy/small-host/qgjob-backup.${kind}`)),
);
const plist = readFileSync(join(folder, 'com.qgjob.agent.plist'), 'utf8');

// systemd only warns of a key that it does not know, with exit 0.
test.skipIf(!existsSync('/usr/bin/systemd-analyze'))('systemd has nothing to say about its units', () => {
  const { stdout, stderr, status } = spawnSync('systemd-analyze', ['verify', ...units], { encoding: 'utf8' });
  expect({ stdout, stderr, status }).toEqual({ stdout: '', stderr: '', status: 0 });
});

test('the server is another user than the agents, whose tests could read its token', () => {
  const userOf = (path: string | undefined) => /^User=(.*)$/m.exec(readFileSync(path ?? '', 'utf8'))?.[1];
  expect(units.slice(0, 3).map(userOf)).toEqual(['qgjob', 'qgjob-server', 'qgjob-server']);
});

test('the plist of launchd is well-formed, and each of its keys has a value', () => {
  const names: string[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('closetag', ({ name }) => void names.push(name));
  parser.write(plist).close();
  const values = names.filter((name) =>
    ['string', 'array', 'dict', 'true', 'false', 'integer'].includes(name),
  );
  const inArrays = (plist.match(/<array>[\s\S]*?<\/array>/g) ?? []).join().match(/<string>/g) ?? [];
  // All but the words in arrays and the outermost dict belong to a key.
  expect(values.length - inArrays.length - 1).toBe(names.filter((name) => name === 'key').length);
});

test('both start the agent with flags that it has, and hold no token', () => {
  const help = spawnSync(process.execPath, [builtCli, 'agent', '--help'], { encoding: 'utf8' }).stdout;
  for (const text of [readFileSync(unit, 'utf8'), plist]) {
    const start = /^ExecStart=.*$|<array>[\s\S]*?<\/array>/m.exec(text)?.[0] ?? '';
    const flags = start.match(/--[a-z-]+/g) ?? [];
    expect(flags).toEqual(['--server-url', '--token-file']);
    for (const flag of flags) expect(help).toContain(flag);
    expect(text).not.toMatch(/qgj_/);
  }
});
