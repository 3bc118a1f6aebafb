import { join } from 'node:path';
import type { Client } from '../client/index.ts';
import { cutText, oneLine } from '../protocol/clean-text.ts';
import { openTracer } from '../tracing/tracer.ts';
import { AppCache } from './apps/app-cache.ts';
import type { AgentConfig } from './config.ts';
import { EvidenceUploads } from './evidence/evidence-uploads.ts';
import { cacheFolder, processFolder } from './folders.ts';
import type { Isolation } from './isolation/isolation.ts';
import { FullAttempts } from './leases/full-attempts.ts';
import { LeaseTraces } from './leases/lease-traces.ts';
import { createMasks, type Masks } from './logs/masks.ts';
import { IntakeGate, Renewal } from './loops/intake-gate.ts';
import { LeaseBook } from './loops/lease-book.ts';
import { OutageLog } from './loops/outage-log.ts';
import type { Networks } from './network/networks.ts';
import { BusySources } from './resources/busy-sources.ts';
import { HostLocks } from './resources/host-lock.ts';
import { WebServers } from './serve-once/web-servers.ts';
import { BundleCache } from './sources/bundle-cache.ts';
import { PackageCache } from './sources/package-cache.ts';
import { Repositories } from './sources/repositories.ts';
import { StopSwitch } from './stop-switch.ts';
import type { Timing } from './timing.ts';

/** What the server said when this agent registered. */
export interface Session {
  readonly agentId: string;
  /** Ids by the names of the devices. */
  readonly deviceIds: ReadonlyMap<string, string>;
  readonly ttlMs: number;
  readonly heartbeatMs: number;
}

export interface AgentParts {
  readonly config: AgentConfig;
  readonly client: Client;
  readonly isolation: Isolation;
  /** Undefined: tests run in the host's network. */
  readonly networks: Networks | undefined;
  /** The file of a token that the agent has made for itself. */
  readonly tokenFrom?: string | undefined;
  readonly timing: Timing;
  /** Names this start of the process. */
  readonly bootId: string;
  readonly version: string;
  /** Writes one line of progress. */
  readonly say: (line: string) => void;
  /** Monotonic, in ms. */
  readonly now: () => number;
}

/** A line on the agent's terminal may quote a test or a server: it is cleaned and cut. In UTF-16 units. */
const longestLine = 2000;
const longestRead = 256 * 1024;

/** Everything that the loops of one agent share. */
export interface Agent extends AgentParts {
  readonly book: LeaseBook;
  readonly stop: StopSwitch;
  readonly renewal: Renewal;
  /** Closed while the server asks for a drain. */
  readonly intake: IntakeGate;
  readonly outages: OutageLog;
  readonly bundles: BundleCache;
  /** Builds of apps that were fetched. */
  readonly apps: AppCache;
  /** Commits that were fetched. */
  readonly repositories: Repositories;
  /** Installed packages, kept for leases with the same lock file. */
  readonly packages: PackageCache;
  /** The files of attempts on their way to the server. */
  readonly evidence: EvidenceUploads;
  /** What sources cannot run on this host for now. */
  readonly busy: BusySources;
  /** The jobs that have found their provider full. */
  readonly full: FullAttempts;
  readonly traces: LeaseTraces;
  /** What exists once on this host. */
  readonly locks: HostLocks;
  readonly servers: WebServers;
  /** The secrets to mask in everything that leaves the host. */
  readonly masks: Masks;
  readonly redact: Masks['redact'];
}

export function createAgent(parts: AgentParts): Agent {
  const masks = createMasks(parts.config.secrets);
  const say = (line: string): void =>
    parts.say(cutText(masks.redact(oneLine(line.slice(0, longestRead))), longestLine));
  const stop = new StopSwitch();
  const locks = new HostLocks(undefined, say);
  // Those of what is kept are nobody else's: the folder of others is open to all users of the host.
  const ownLocks = new HostLocks(join(cacheFolder(parts.config), 'locks'), say);
  const busy = new BusySources(locks, parts.timing.lookMs);
  return {
    ...parts,
    say,
    book: new LeaseBook(),
    stop,
    renewal: new Renewal(parts.now),
    intake: new IntakeGate(),
    outages: new OutageLog(say),
    bundles: new BundleCache(join(cacheFolder(parts.config), 'bundles')),
    apps: new AppCache(join(cacheFolder(parts.config), 'apps'), ownLocks),
    repositories: new Repositories(join(cacheFolder(parts.config), 'repositories'), ownLocks),
    packages: new PackageCache(join(cacheFolder(parts.config), 'packages'), ownLocks),
    evidence: new EvidenceUploads({ masks, timing: parts.timing, say, now: parts.now }),
    busy,
    full: new FullAttempts(),
    traces: new LeaseTraces(openTracer(parts.config.otlpEndpoint, 'qgjob-agent', parts.version)),
    locks,
    servers: new WebServers({
      child: { kill: stop.kill, ladder: parts.timing.ladder, marker: processFolder(parts.config) },
      mask: masks,
      limitMs: parts.timing.setUpMs,
      idleMs: parts.timing.serveIdleMs,
      lookMs: parts.timing.lookMs,
      locks,
      busy,
    }),
    masks,
    redact: masks.redact,
  };
}

/** True when nothing new may be started: the process is ending, or the server asked for a drain. */
export function isDraining(agent: Agent): boolean {
  return agent.stop.drain.aborted || agent.intake.closed.aborted;
}
