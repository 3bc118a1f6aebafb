import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { builtCli, programEnv } from '../support/built-cli.ts';
import { makeFolder } from '../support/processes.ts';
import { openTerminal } from '../support/terminal.ts';

/** A shop with a bug, as somebody may have it before qgjob: tests of Node, no settings. */
function makeShop() {
  const cwd = makeFolder({
    'package.json': '{ "name": "shop", "type": "module" }',
    'price.js': 'export const total = (cents) => (cents > 5000 ? cents * 0.9 : cents);\n',
    'tests/cart.spec.js': [
      "import assert from 'node:assert/strict';",
      "import test from 'node:test';",
      "import { total } from '../price.js';",
      "test('an order of exactly 50.00 costs 10 % less', () => assert.equal(total(5000), 4500));",
    ].join('\n'),
    'tests/slow.spec.js': [
      "import { existsSync } from 'node:fs';",
      "import test from 'node:test';",
      "import { setTimeout } from 'node:timers/promises';",
      "test('takes its time', async () => { while (!existsSync(process.env.QGJOB_PARAM_gate)) await setTimeout(50); });",
    ].join('\n'),
    'bin/qgjob': `#!/bin/sh\nexec '${process.execPath}' '${builtCli}' "$@"\n`,
    'bin/browser': '#!/bin/sh\necho "$1" > "$HOME/opened"\n',
  });
  for (const name of ['qgjob', 'browser']) chmodSync(join(cwd, 'bin', name), 0o755);
  const env = {
    PATH: `${join(cwd, 'bin')}:${programEnv(cwd).PATH}`,
    BROWSER: join(cwd, 'bin/browser'),
    QGJOB_PORT: '0',
  };
  return { cwd, env, gate: join(cwd, 'gate') };
}

/** The command that these words of the screen lead to. */
function printed(text: string, pattern: RegExp): string {
  const [, command] = pattern.exec(text) ?? [];
  expect(command, `${pattern} in\n${text}`).toBeDefined();
  return command ?? '';
}

/** The page of that address, after the sign-in by its form. */
async function openPage(url: string, token: string): Promise<string> {
  const asked = await fetch(url, { headers: { accept: 'text/html' } });
  const [, next = ''] = (await asked.text()).match(/name="next" value="([^"]+)"/) ?? [];
  const body = new URLSearchParams({ token, next });
  const { origin } = new URL(url);
  const signedIn = await fetch(`${origin}/ui/sign-in`, {
    ...{ method: 'POST', body, redirect: 'manual' },
    headers: { origin },
  });
  const [cookie = ''] = signedIn.headers.getSetCookie();
  const headers = { cookie: cookie.replace(/;.*/, '') };
  return (await fetch(new URL(signedIn.headers.get('location') ?? '', url), { headers })).text();
}

test('from nothing to a borrowed device, each step by what the one before printed', {
  timeout: 300_000,
}, async () => {
  const { cwd, env, gate } = makeShop();
  const [first, second] = await Promise.all([
    openTerminal({ cwd, env, name: 'newcomer-dev' }),
    openTerminal({ cwd, env, name: 'newcomer' }),
  ]);

  const init = await second.run('qgjob init');
  expect(init).toMatchObject({ code: 0, text: expect.stringContaining('qgjob.agent.json') });
  first.type(`${printed(init.text, /`(qgjob dev)`/)}\r`);
  const [, submit = ''] = await first.sees(/^ {2}(qgjob submit .*tests\/cart\.spec\.js.*)$/m);
  await first.sees(/^agent .* serves /m);

  const red = await second.run(submit);
  expect(red.code).toBe(1);
  expect(red.text).toMatch(/^failed +tests\/cart\.spec\.js/m);
  expect(red.text).toContain('an order of exactly 50.00 costs 10 % less');

  const logs = await second.run(printed(red.text, /^ +(qgjob logs job_\w+)$/m));
  expect(logs).toMatchObject({
    code: 0,
    text: expect.stringMatching(/5000 !== 4500[\s\S]*\[qgjob\] failed/),
  });

  const opened = await second.run(printed(red.text, /on a page: +(qgjob open run_\w+)$/m));
  expect(opened.code).toBe(0);
  const [url = ''] = opened.text.match(/http:\S+/) ?? [];
  const token = readFileSync(join(cwd, printed(opened.text, /yours is in (\S+)$/m)), 'utf8').trim();
  expect(/<h1.*?<\/h1>/s.exec(await openPage(url, token))?.[0]).toContain('failed');
  await expect.poll(() => existsSync(join(cwd, 'opened'))).toBe(true);
  expect(readFileSync(join(cwd, 'opened'), 'utf8').trim()).toBe(url);

  second.type(`${submit.replace('tests/cart.spec.js', "'tests/*.spec.js'")} --param=gate=${gate}\r`);
  await second.sees(/^failed +tests\/cart\.spec\.js/m);
  await second.sees(/^ +tests\/slow\.spec\.js +simulated-emulator-\d +\d:\d\d$/m);
  second.type('\u0003');
  const interrupted = await second.prompted();
  expect(interrupted.code).toBe(130);
  writeFileSync(gate, '');

  const waited = await second.run(printed(interrupted.text, /come back with `(qgjob wait run_\w+)`/));
  expect(waited.code).toBe(1);
  expect(waited.text).toMatch(/2 jobs, \d installs?: 1 passed, 1 failed/);

  const retried = await second.run(printed(waited.text, /once more: +(qgjob retry run_\w+ .*)$/m));
  expect(retried.code).toBe(1);
  expect(retried.text).toMatch(/1 job, 0 installs: 1 failed/);

  const hunt = printed(retried.text, /how often: +(qgjob hunt tests\/cart\.spec\.js .*)$/m);
  const hunted = await second.run(`${hunt} --times 6`);
  expect(hunted.code).toBe(1);
  expect(hunted.text).toMatch(/6 of 6 failed/);

  const borrowed = await second.run(printed(hunted.text, /by hand: +(qgjob devices borrow .*)$/m));
  expect(borrowed).toMatchObject({ code: 0, text: expect.stringContaining('is yours until') });
  const returned = await second.run(printed(borrowed.text, /^ +(qgjob devices return .*)$/m));
  expect(returned.code).toBe(0);

  first.type('\u0003');
  expect((await first.prompted()).text).toContain('stopping: running tests may end');
});
