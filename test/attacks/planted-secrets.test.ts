import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { makeFolder, runCli, startCli } from '../support/processes.ts';
import { cellsOf, filesBelow, findIn, type Place, spellSource } from './lab/planted.ts';

// Odd characters, so that each way of writing it is another one; long, so that base64 takes two lines. The other one fits a
// name of a file.
const odd = 'pl4nted/&<"password">+of=the~database, which is quite long and has some more words in it';
const plain = 'planted-token-0123456789abcdef';
const param = "planted-param:of'the submit";

/** Prints a value in all ways to a stream, one of them in two writes with a turn between. */
const program = (body: string): string => `
const { mkdirSync, writeFileSync } = require('node:fs');
const { gzipSync } = require('node:zlib');
${spellSource}
const values = [process.env.DB_PASSWORD, process.env.API_TOKEN, process.env.QGJOB_PARAM_PASSWORD].filter(Boolean);
const turn = () => new Promise((resolve) => setTimeout(resolve, 20));
async function print(stream) {
  for (const value of values)
    for (const [name, text] of Object.entries(spell(value))) {
      stream.write('marker of ' + name + ': ');
      if (name === 'two writes') {
        stream.write(text.subarray(0, text.length >> 1));
        await turn();
        stream.write(text.subarray(text.length >> 1));
      } else stream.write(text);
      stream.write('\\n');
    }
}
(async () => {
  await print(process.stdout);
  await print(process.stderr);
  ${body}
})();`;

const xml = `(text) => String(text).replace(/[&<>"]/g, (char) => '&#' + char.charCodeAt(0) + ';').replaceAll('\\u001b', '')`;

const files = {
  'install.cjs': program(`if (process.env.QGJOB_APP_VERSION_ID === 'v2') process.exitCode = 1;`),
  'a.cjs': program(`
  const escape = ${xml};
  const cases = [];
  const folder = process.env.QGJOB_ARTIFACTS;
  values.forEach((value, index) => {
    for (const [name, text] of Object.entries(spell(value))) {
      writeFileSync(folder + '/' + index + ' ' + name + '.txt', Buffer.concat([Buffer.from('marker '), Buffer.from(text)]));
      writeFileSync(folder + '/' + index + ' ' + name + '.bin', Buffer.concat([Buffer.from('marker\\0'), Buffer.from(text)]));
      if (name !== 'UTF-16')
        cases.push('<testcase name="marker ' + escape(text) + '" file="' + escape(text) + '"><failure message="' + escape(text) + '">' + escape(text) + '</failure></testcase>');
    }
  });
  for (const [name, text] of Object.entries(spell(process.env.API_TOKEN)))
    if (/^[\\w%.-]+$/.test(String(text))) writeFileSync(folder + '/marker ' + String(text), name);
  mkdirSync(folder + '/' + process.env.API_TOKEN);
  writeFileSync(folder + '/' + process.env.API_TOKEN + '/x', 'x');
  writeFileSync(folder + '/packed.gz', gzipSync(process.env.DB_PASSWORD));
  writeFileSync(process.env.QGJOB_JUNIT, '<testsuite>' + cases.join('') + '</testsuite>');
  process.exitCode = 1;`),
  // Its last lines are quoted, in the verdict and in the agent's own output.
  'b.cjs': program('process.exitCode = 1;'),
};

test('a secret that a test prints, writes and names in twelve ways is nowhere when all is over', async () => {
  const settings = {
    name: 'rack',
    devices: [{ driver: 'simulated', target: 'emulator' }],
    frameworks: {
      default: 'command',
      command: { install: ['node', 'install.cjs'], test: ['node', '{test}'] },
    },
    env: ['DB_PASSWORD', 'API_TOKEN'],
  };
  const cwd = makeFolder({ 'qgjob.agent.json': JSON.stringify(settings), ...files });
  const server = startCli(['server', '--port=0'], { cwd });
  await server.sees(/^qgjob server listening on http:\S+$/m);
  const agent = startCli(['agent'], { cwd, env: { DB_PASSWORD: odd, API_TOKEN: plain } });
  await agent.sees(/agent rack serves/);
  const submit = (version: string, ...tests: string[]) =>
    runCli(
      [
        ...[
          'submit',
          '--org-id=acme',
          `--app-version-id=${version}`,
          '--retry-failed-tests=0',
          '--max-retries=0',
        ],
        ...[`--param=PASSWORD=${param}`, '--wait', ...tests.map((one) => `--test=${one}`)],
      ],
      { cwd },
    );
  const client = [await submit('v1', 'a.cjs', 'b.cjs'), await submit('v2', 'b.cjs')];
  // It ends when what it uploads is there.
  const ended = { agent: await agent.stop(), server: await server.stop() };
  const said = (name: string, { stdout, stderr }: { stdout: string; stderr: string }): Place => ({
    name,
    bytes: Buffer.from(stdout + stderr),
  });
  const state = filesBelow(join(cwd, '.qgjob'));
  const places: Place[] = [
    ...cellsOf(join(cwd, '.qgjob/qgjob.db')),
    ...state,
    said("the agent's log", ended.agent),
    said("the server's log", ended.server),
    ...client.map((one) => said("the client's output", one)),
  ];
  // The search is not blind: what stands beside each secret is there, in a log, a file, a name and a report.
  const marked = places.filter(({ bytes }) => bytes.includes('marker')).map(({ name }) => name);
  expect(new Set(marked)).toEqual(new Set([...marked, 'artifacts.name']));
  expect(marked.filter((name) => name.startsWith('blobs/')).length).toBeGreaterThan(60);
  expect(ended.agent.stderr).toContain('[redacted]');
  const secrets = { password: odd, token: plain };
  expect(findIn(places, secrets)).toEqual([]);
  // A server keeps what a submit gives to its tests, to give it to them.
  const kept = findIn(places, { param }).filter(
    (one) => !/^(?:qgjob\.db\S*|runs\.settings|jobs\.\w+): /.test(one),
  );
  expect(kept).toEqual([]);
  // What is packed is not read.
  const packed = state.filter(({ bytes }) => bytes.toString('hex', 0, 3) === '1f8b08');
  expect(packed.some(({ bytes }) => gunzipSync(bytes).toString() === odd)).toBe(true);
});
