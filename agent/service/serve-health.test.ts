import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { untilFile, untilTrue } from '../test-support/host.ts';
import { leaseOf } from '../test-support/leases.ts';
import { startTestAgent, type TestAgent } from '../test-support/start-agent.ts';
import type { AgentHealth } from './agent-health.ts';
import { serveHealth } from './serve-health.ts';

const files = { 'a.sh': 'touch begun; until [ -e go ]; do sleep 0.02; done' };
const start = (): Promise<TestAgent> => startTestAgent({ files, settings: { health_port: 0 } });

async function addressOf({ lines }: TestAgent): Promise<string> {
  const find = (): string | undefined => /^health: (\S+)\/ready$/m.exec(lines.join('\n'))?.[1];
  await untilTrue(() => find() !== undefined);
  return find() ?? '';
}

const ask = async (address: string): Promise<[number, unknown]> => {
  const answer = await fetch(address);
  return [answer.status, await answer.json()];
};

test('an agent that can run tests says so, and what its devices do', async () => {
  const agent = await start();
  const address = await addressOf(agent);
  agent.server.grant(leaseOf(['a.sh']));
  await untilFile(join(agent.root, 'begun'));
  expect(await ask(`${address}/ready`)).toEqual([
    200,
    {
      status: 'ready',
      name: 'rack-1',
      version: expect.any(String),
      devices: [{ name: 'simulated-emulator-1', target: 'emulator', status: 'busy' }],
    },
  ]);
  expect(await ask(`${address}/other`)).toEqual([404, expect.objectContaining({ error: expect.anything() })]);
});

test('one that drains lives and is not ready', async () => {
  const agent = await start();
  const address = await addressOf(agent);
  agent.server.grant(leaseOf(['a.sh']));
  await untilFile(join(agent.root, 'begun'));
  void agent.stop();
  expect(await ask(`${address}/live`)).toEqual([200, expect.objectContaining({ status: 'draining' })]);
  expect(await ask(`${address}/ready`)).toEqual([503, expect.objectContaining({ status: 'draining' })]);
});

test('a port that is taken ends the start with its number', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await untilTrue(() => other.listening);
  const { port } = other.address() as AddressInfo;
  const never = (): AgentHealth => expect.unreachable();
  await expect(serveHealth(port, never)).rejects.toThrow(`health_port: port ${port} cannot be used`);
});
