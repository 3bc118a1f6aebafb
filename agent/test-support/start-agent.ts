import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createAgentClient } from '../../client/agent-client.ts';
import { type Agent, createAgent } from '../agent.ts';
import { readConfig } from '../config.ts';
import type { Device } from '../devices/device.ts';
import { openIsolation } from '../isolation/open-isolation.ts';
import { openNetworks } from '../network/open-networks.ts';
import { serve } from '../serve.ts';
import { defaultTiming, type Timing } from '../timing.ts';
import { FakeServer } from './fake-server.ts';
import { makeWorkspace } from './host.ts';
import { agentToken } from './leases.ts';

/** Short pauses, since a test must wait for them; the limits stay, since the host may be busy. */
const quick: Timing = {
  ...defaultTiming,
  backOffMs: 5,
  maxBackOffMs: 20,
  earlyPauseMs: 5,
  logFlushMs: 20,
};

/** For a test that ignores its signals. */
export const hastyLadder = { ownMs: 100, termMs: 100, lingerMs: 100 };

export interface TestAgentOptions {
  readonly files?: Readonly<Record<string, string>>;
  /** The workspace, in place of one of `files`: a copy of a suite, say. */
  readonly root?: string;
  readonly frameworks?: unknown;
  /** Simulated emulators. */
  readonly count?: number;
  readonly timing?: Partial<Timing>;
  readonly once?: boolean;
  readonly host?: Readonly<Record<string, string | undefined>>;
  readonly redact?: readonly string[];
  /** In place of those of the settings. */
  readonly devices?: readonly Device[];
  /** More of the settings file. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** How long a call is repeated, unless the agent says otherwise. */
  readonly retryMs?: number;
  /** The clock, in ms. */
  readonly now?: () => number;
  /** The agent whose next start this is: the same server, folder and name. */
  readonly after?: TestAgent;
  /** Called before the agent makes its first call. */
  readonly prepare?: (server: FakeServer, root: string) => void;
}

export interface TestAgent {
  readonly agent: Agent;
  readonly server: FakeServer;
  readonly root: string;
  /** The lines that it wrote. */
  readonly lines: string[];
  /** Resolves with the exit code. */
  readonly done: Promise<number>;
  /** Drains it and waits for its end. */
  stop(): Promise<number>;
}

/** A real agent on simulated devices, against a fake server over HTTP. Ends with the test. */
export async function startTestAgent(options: TestAgentOptions = {}): Promise<TestAgent> {
  const server = options.after?.server ?? (await FakeServer.start());
  const root = options.after?.root ?? options.root ?? makeWorkspace(options.files);
  const lines: string[] = [];
  const agent = await prepareAgent(server, root, options, (line) => lines.push(line));
  options.prepare?.(server, root);
  const done = serve(agent, { once: options.once, devices: options.devices });
  const stop = (): Promise<number> => {
    agent.stop.requestDrain();
    return done;
  };
  onTestFinished(async () => {
    agent.stop.requestKill(0);
    await done;
    await server.close();
  });
  return { agent, server, root, lines, done, stop };
}

/** The agent alone, with its configuration in `root`; nothing runs yet. */
export async function prepareAgent(
  server: FakeServer,
  root: string,
  options: TestAgentOptions = {},
  say: (line: string) => void = () => undefined,
): Promise<Agent> {
  const file = {
    name: 'rack-1',
    devices: [{ driver: 'simulated', target: 'emulator', count: options.count ?? 1 }],
    frameworks: options.frameworks ?? { default: 'command', command: { test: ['sh', '{test}'] } },
    redact: options.redact ?? [],
    ...options.settings,
  };
  writeFileSync(join(root, 'qgjob.agent.json'), JSON.stringify(file));
  const host = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: root, ...options.host };
  const config = readConfig({ token: agentToken }, root, host);
  const timing = { ...quick, ...options.timing };
  return createAgent({
    config,
    isolation: await openIsolation(config),
    networks: await openNetworks(config, 2 * timing.serveIdleMs),
    client: createAgentClient({ url: server.url, token: agentToken }, { forMs: options.retryMs ?? 15_000 }),
    timing,
    bootId: randomUUID(),
    version: '0.0.0',
    say,
    now: options.now ?? (() => performance.now()),
  });
}
