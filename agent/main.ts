import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAgentClient } from '../client/agent-client.ts';
import { cleanText } from '../protocol/clean-text.ts';
import { errorTable, QgjobError } from '../protocol/errors.ts';
import { exitCodes } from '../protocol/exit-codes.ts';
import { type Agent, type AgentParts, createAgent } from './agent.ts';
import { wallClock } from './clock.ts';
import { type AgentConfig, ownTokenFile, readConfig, type Variables, withOwnToken } from './config.ts';
import { openIsolation } from './isolation/open-isolation.ts';
import { openNetworks } from './network/open-networks.ts';
import { packageRoot } from './package-root.ts';
import { serve } from './serve.ts';
import { defaultTiming } from './timing.ts';
import { ownToken } from './tokens/own-token.ts';
import { refuseOperator } from './tokens/refuse-operator.ts';
import { TokenRenewal } from './tokens/token-renewal.ts';

export interface AgentFlags {
  /** Path of the configuration; default `qgjob.agent.json`, if it is there. */
  readonly config?: string;
  readonly serverUrl: string;
  /** The agent's; or, with `makesOwnToken`, the operator's. */
  readonly token: string;
  /** Make a token for this agent alone by the operator's, or use the one that was made so before, and that one alone. */
  readonly makesOwnToken?: boolean | undefined;
  /** Run even with an operator's token. */
  readonly insecureOperatorToken?: boolean | undefined;
  /** Files with tokens, which tests must not read where they are kept apart. */
  readonly tokenFiles?: readonly string[] | undefined;
  /** The data folder of a server on this host. */
  readonly serverFolder?: string | undefined;
  readonly name?: string;
  /** End after one lease. */
  readonly once?: boolean;
  /** Ends it like a first SIGTERM. Where it is given, the caller handles the signals of the process. */
  readonly signal?: AbortSignal;
  /** Ends it like a second SIGTERM: running tests are killed and reported as interrupted. */
  readonly kill?: AbortSignal;
  /** Of the host. Default: those of the process. */
  readonly variables?: Variables;
  /** 2 simulated devices of each target, whatever the configuration's devices say. */
  readonly simulated?: boolean;
}

/** Lines quote servers and tests: only plain text of them may reach a terminal. */
const say = (line: string): void => void process.stderr.write(`${cleanText(line)}\n`);

/** Runs the agent until it is drained. Answers the exit code; writes to stderr what it does. */
export async function runAgent(flags: AgentFlags): Promise<number> {
  const opened = await openOrExplain(flags);
  if (typeof opened === 'number') return opened;
  const version = packageVersion();
  const { renewal, ...parts } = opened;
  const agent = createAgent({
    ...parts,
    timing: defaultTiming,
    bootId: randomUUID(),
    version,
    say,
    now: () => performance.now(),
  });
  const unhook = flags.signal || flags.kill ? hookFlags(agent, flags) : hookProcess(agent);
  const over = new AbortController();
  void renewal?.run(over.signal, { onToken: agent.masks.add, say: agent.say });
  try {
    return await serve(agent, flags);
  } catch (error) {
    return explain(error);
  } finally {
    over.abort();
    unhook();
  }
}

interface Opened extends Pick<AgentParts, 'config' | 'isolation' | 'networks' | 'client' | 'tokenFrom'> {
  /** Of the token that the agent has made for itself. */
  readonly renewal?: TokenRenewal | undefined;
}

async function openOrExplain(flags: AgentFlags): Promise<Opened | number> {
  try {
    const read = readConfig(flags, process.cwd(), flags.variables);
    const chosen = await chooseToken(flags, read);
    const isolation = await openIsolation(chosen.config);
    const networks = await openNetworks(chosen.config, 2 * defaultTiming.serveIdleMs);
    return { ...chosen, isolation, networks };
  } catch (error) {
    return explain(error);
  }
}

/** What the settings ask for and this host cannot give. */
function explain(error: unknown): number {
  if (!(error instanceof QgjobError)) throw error;
  say(`qgjob agent: ${error.message}`);
  return errorTable[error.code].exitCode;
}

async function chooseToken(
  flags: AgentFlags,
  config: AgentConfig,
): Promise<Omit<Opened, 'isolation' | 'networks'>> {
  const userAgent = `qgjob-agent/${packageVersion()}`;
  const given = createAgentClient({ url: flags.serverUrl, token: flags.token, userAgent });
  if (!flags.makesOwnToken) {
    if (!flags.insecureOperatorToken) refuseOperator(flags.token, config.name);
    return { config, client: given, tokenFrom: undefined };
  }
  const kept = await ownToken(config, given, flags.token);
  const tokenFrom = ownTokenFile(config);
  const renewal = new TokenRenewal({ client: given, kept, file: tokenFrom, now: wallClock });
  return { config: withOwnToken(config, kept.token), client: renewal.client, tokenFrom, renewal };
}

function hookFlags(agent: Agent, { signal, kill }: AgentFlags): () => void {
  const onDrain = () => agent.stop.requestDrain();
  const onKill = () => agent.stop.requestKill(exitCodes.interrupted);
  signal?.addEventListener('abort', onDrain);
  kill?.addEventListener('abort', onKill);
  if (signal?.aborted) onDrain();
  if (kill?.aborted) onKill();
  return () => {
    signal?.removeEventListener('abort', onDrain);
    kill?.removeEventListener('abort', onKill);
  };
}

/** First signal: drain. Second: kill the running tests and say so. Third: leave at once. */
function hookProcess(agent: Agent): () => void {
  let count = 0;
  const onSignal = (): void => {
    count += 1;
    if (count > 2) process.exit(exitCodes.interrupted);
    if (count === 2) {
      say('stopping the running tests');
      agent.stop.requestKill(exitCodes.interrupted);
    } else {
      say('draining: running tests may end, nothing new is taken; a second signal stops them');
      agent.stop.requestDrain();
    }
  };
  const signals = ['SIGTERM', 'SIGINT'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}

/** The version of this package. */
export function packageVersion(): string {
  const file = readFileSync(join(packageRoot(), 'package.json'), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}
