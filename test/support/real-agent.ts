import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createAgent } from '../../agent/agent.ts';
import { readConfig } from '../../agent/config.ts';
import { serve } from '../../agent/serve.ts';
import { defaultTiming } from '../../agent/timing.ts';
import { createAgentClient } from '../../client/agent-client.ts';

export interface RealAgentOptions {
  readonly url: string;
  readonly token: string;
  readonly target: string;
  /** Where its workspace is made. */
  readonly root: string;
  readonly files: Readonly<Record<string, string>>;
}

export interface RealAgent {
  /** What it said. */
  readonly lines: string[];
  stop(): Promise<unknown>;
}

/** An agent of one simulated device in this process, with short pauses. */
export function startRealAgent({ url, token, target, root, files }: RealAgentOptions): RealAgent {
  mkdirSync(root, { recursive: true });
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
  const file = {
    name: `agent-${randomUUID()}`,
    devices: [{ driver: 'simulated', target }],
    frameworks: { default: 'command', command: { install: ['true'], test: ['sh', '{test}'] } },
  };
  writeFileSync(join(root, 'qgjob.agent.json'), JSON.stringify(file));
  const lines: string[] = [];
  const agent = createAgent({
    config: readConfig({ token }, root, { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: root }),
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
