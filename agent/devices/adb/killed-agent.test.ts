import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeApk } from '../../../client/test-support/app-files.ts';
import { type AgentProcess, startAgentProcess } from '../../test-support/agent-process.ts';
import type { FakePhone } from '../../test-support/fake-phone.ts';
import { FakeServer } from '../../test-support/fake-server.ts';
import { makeWorkspace, untilTrue } from '../../test-support/host.ts';
import { leaseOf } from '../../test-support/leases.ts';
import { connectPhones, hasAdb } from '../../test-support/phones.ts';

const withAdb = test.skipIf(!hasAdb());

async function startRack() {
  const { phones, env } = await connectPhones(1);
  const [phone] = phones as [FakePhone];
  const server = await FakeServer.start();
  const root = makeWorkspace({ 'waits.sh': 'while :; do sleep 0.02; done', 'next.sh': 'exit 0' });
  const settings = {
    devices: [{ driver: 'adb', target: 'device', serial: phone.serial, name: 'pixel' }],
    frameworks: { default: 'command', command: { test: ['sh', '{test}'] } },
  };
  writeFileSync(join(root, 'qgjob.agent.json'), JSON.stringify(settings));
  const start = (): AgentProcess => startAgentProcess(root, { serverUrl: server.url }, { env });
  return { phone, server, root, start };
}

/** Kills it, and answers once it is gone. */
async function kill(agent: AgentProcess): Promise<void> {
  agent.signal('SIGKILL');
  expect(await agent.ended).toBe('SIGKILL');
}

/** The words of the processes that agents of this folder have started. */
function processesOf(root: string): string[] {
  const mark = `QGJOB_CHILD=${join(root, '.qgjob/agent')}/`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => read(`/proc/${pid}/environ`).includes(mark))
    .map((pid) => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim())
    .filter(Boolean);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

withAdb(
  'an agent that is killed while it records leaves nothing on the phone after its next start',
  async () => {
    const { phone, server, root, start } = await startRack();
    const first = start();
    server.grant(leaseOf(['waits.sh']));
    await untilTrue(() => phone.tasks.running.length === 2);
    await kill(first);
    expect(phone.tasks.running.some((command) => command.startsWith('screenrecord '))).toBe(true);
    expect(phone.tasks.files.size).toBe(1);
    const second = start();
    await second.says('serves pixel');
    expect([phone.tasks.running, [...phone.tasks.files]]).toEqual([[], []]);
    await untilTrue(() => processesOf(root).length === 0);
    await kill(second);
    await server.close();
  },
);

withAdb(
  'an agent that is killed in the middle of an install leaves no install after its next start',
  async () => {
    const { phone, server, root, start } = await startRack();
    const build = await makeApk();
    server.app = build;
    const sha256 = createHash('sha256').update(build).digest('hex');
    const lease = leaseOf(['next.sh'], {
      app: { platform: 'android', sha256, size: build.length },
      install: true,
    });
    phone.stallsInstalls = true;
    const first = start();
    server.grant(lease);
    await untilTrue(() => phone.stalled > 0);
    expect(processesOf(root)).toContainEqual(expect.stringMatching(/ install -r -t -g -d /));
    await kill(first);
    phone.stallsInstalls = false;
    const second = start();
    await second.says('serves pixel');
    await untilTrue(() => processesOf(root).length === 0);
    server.grant({ ...lease, org_id: 'globex' });
    expect(await server.verdict('job_next_sh')).toMatchObject({ verdict: 'passed' });
    // The package of the install that had no end is known all the same.
    expect(phone.log).toEqual(['uninstalled com.example.shop', 'installed -r -t -g -d']);
    await kill(second);
    await server.close();
  },
);
