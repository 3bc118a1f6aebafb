import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAgent } from '../../agent/agent.ts';
import { readConfig } from '../../agent/config.ts';
import { noIsolation } from '../../agent/isolation/none.ts';
import { runAgent } from '../../agent/main.ts';
import { serve } from '../../agent/serve.ts';
import { defaultTiming } from '../../agent/timing.ts';
import { createAgentClient } from '../../client/agent-client.ts';
import { programEnv } from './built-cli.ts';
import { agentFile, writeFiles } from './workspace-files.ts';

interface RealAgentOptions {
  readonly url: string;
  readonly token: string;
  readonly target: string;
  /** Folder for its workspace. */
  readonly root: string;
  readonly files: Readonly<Record<string, string>>;
}

export interface RealAgent {
  /** The lines that it printed. */
  readonly lines: string[];
  stop(): Promise<unknown>;
}

/** An agent with one simulated device in this process, with short pauses. */
export function startRealAgent({ url, token, target, root, files }: RealAgentOptions): RealAgent {
  const settings = agentFile({ name: `agent-${randomUUID()}`, devices: [target], install: ['true'] });
  writeFiles(root, { ...files, 'qgjob.agent.json': settings });
  const lines: string[] = [];
  const agent = createAgent({
    config: readConfig({ token }, root, programEnv(root)),
    isolation: noIsolation(undefined),
    networks: undefined,
    client: createAgentClient({ url, token }, { forMs: 15_000, firstDelayMs: 10 }),
    timing: { ...defaultTiming, backOffMs: 10, maxBackOffMs: 50, earlyPauseMs: 10, logFlushMs: 20 },
    bootId: randomUUID(),
    version: '0.0.0',
    say: (line) => void lines.push(line),
    now: () => performance.now(),
  });
  const done = serve(agent);
  return {
    lines,
    stop() {
      agent.stop.requestKill(0);
      return done;
    },
  };
}

/** Starts `qgjob agent` in this process, with these settings in the folder. Returns what stops it. */
export function startAgentIn(
  folder: string,
  server: { readonly url: string; readonly adminToken: string },
  settings: string,
): () => Promise<unknown> {
  const config = join(folder, 'qgjob.agent.json');
  writeFileSync(config, settings);
  const stop = new AbortController();
  const done = runAgent({
    ...{ config, serverUrl: server.url, token: server.adminToken, makesOwnToken: true },
    kill: stop.signal,
  });
  return () => {
    stop.abort();
    return done;
  };
}
