import { expect, test } from 'vitest';
import { makeFolder, runCli } from '../support/processes.ts';
import { addOrg, startTestServer } from '../support/server.ts';
import { World } from '../support/world.ts';

const log = [
  '\u001b]52;c;ZXZpbA==\u0007into the clipboard',
  '\u001b[2J\u001b[Hover what was there',
  '\u001b]0;a title\u0007\u001b]8;;https://evil.example\u0007a link\u001b]8;;\u0007',
  '\u009b2J\u0090q\u009c by C1 controls',
  'hidden by the next words\rshown',
  '\u001b[31mred\u001b[0m',
].join('\n');

async function openLog(): Promise<(...flags: string[]) => Promise<string>> {
  const server = await startTestServer();
  const acme = new World(server, await addOrg(server, 'acme'));
  const { lease, job } = await acme.running();
  await acme.of(lease).call('appendLogs', {
    params: { id: lease.lease_id, job_id: job.job_id },
    query: { attempt: 1, offset: 0 },
    body: new TextEncoder().encode(log),
  });
  const env = { QGJOB_SERVER_URL: server.url, QGJOB_TOKEN: acme.tokens.read };
  const cwd = makeFolder({});
  return async (...flags) => (await runCli(['logs', job.job_id, ...flags], { cwd, env })).stdout;
}

test('a log that is printed keeps its words and colours, and nothing that a terminal would obey', async () => {
  const print = await openLog();
  const printed = await print();
  expect(printed.replaceAll('\u001b[31m', '').replaceAll('\u001b[0m', '')).toBe(
    [
      ...['into the clipboard', 'over what was there', 'a link', ' by C1 controls'],
      ...['hidden by the next words', 'shown', 'red'],
    ].join('\n'),
  );
  expect(printed).toContain('\u001b[31mred\u001b[0m');
});

test('whoever asks for the bytes gets them all', async () => {
  const print = await openLog();
  expect(await print('--raw')).toBe(log);
});
