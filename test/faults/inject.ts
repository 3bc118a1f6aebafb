import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from './lab.ts';
import type { Link } from './link.ts';
import type { Fault, Plan } from './plan.ts';
import { endProgram, type Program, until } from './program.ts';

/** An agent, the link that its calls go through, and its current process. */
export interface RunningAgent {
  readonly name: string;
  readonly link: Link;
  program: Program;
}

/** The programs of a run and the links between them. */
export interface Setup {
  readonly lab: Lab;
  readonly agents: readonly RunningAgent[];
  /** The link of the clients who submit, cancel and wait. */
  readonly publicLink: Link;
  /** Start of the plan, monotonic ms. */
  readonly began: number;
  /** What went wrong, besides wrong verdicts. */
  readonly problems: string[];
}

/** Injects the plan's faults; resolves when all have ended. */
export async function injectFaults(setup: Setup, plan: Plan): Promise<void> {
  const links = [...setup.agents.map(({ link }) => link), setup.publicLink];
  await Promise.all([
    ...plan.servers.map((faults, n) => inTurn(setup, faults, (fault) => disturbServer(setup.lab, n, fault))),
    inTurn(setup, plan.database, (fault) => disturbDatabase(setup.lab, fault)),
    ...setup.agents.map((agent, n) =>
      inTurn(setup, plan.agents[n] ?? [], (fault) => disturbAgent(setup, agent, fault)),
    ),
    ...links.map((link, n) => inTurn(setup, plan.links[n] ?? [], (fault) => disturbLink(link, fault))),
  ]);
}

async function inTurn(
  { began, problems }: Setup,
  faults: readonly Fault[],
  disturb: (fault: Fault) => Promise<void>,
): Promise<void> {
  for (const fault of faults) {
    await sleep(Math.max(0, began + fault.atMs - performance.now()));
    await disturb(fault).catch((error: Error) => problems.push(`${fault.kind}: ${error.message}`));
  }
}

async function disturbDatabase({ sqld }: Lab, { kind, forMs }: Fault): Promise<void> {
  if (!sqld) throw new Error('the servers share no database');
  if (kind === 'database stopped') sqld.signal('SIGSTOP');
  else await sqld.kill();
  await sleep(forMs);
  if (kind === 'database stopped') sqld.signal('SIGCONT');
  else await sqld.restart();
}

async function disturbServer(lab: Lab, n: number, { kind, forMs }: Fault): Promise<void> {
  const server = lab.serverAt(n);
  if (!server.isRunning()) throw new Error('the server had ended by itself');
  if (kind === 'server stopped') {
    server.signal('SIGSTOP');
    await sleep(forMs);
    server.signal('SIGCONT');
    return;
  }
  server.signal(kind === 'server killed' ? 'SIGKILL' : 'SIGTERM');
  await until('the end of the server', () => !server.isRunning() || undefined, 15_000);
  await sleep(forMs);
  await lab.startServer(n);
}

async function disturbAgent({ lab }: Setup, agent: RunningAgent, { kind, forMs }: Fault): Promise<void> {
  const old = agent.program;
  if (!old.isRunning()) throw new Error(`${agent.name} had ended by itself`);
  const startAgent = (): void => {
    agent.program = lab.startAgent(agent.name, agent.link.url);
  };
  if (kind === 'agent killed') {
    await endProgram(old);
    await sleep(forMs);
    startAgent();
    return;
  }
  // The last process to register has the name, so both processes must have registered.
  if (kind === 'agent replaced') await untilServes(agent);
  old.signal('SIGSTOP');
  if (kind === 'agent replaced') startAgent();
  await sleep(forMs);
  old.signal('SIGCONT');
  if (kind !== 'agent replaced') return;
  await untilServes(agent);
  await until(`the end of a ${agent.name} that was replaced`, () => !old.isRunning() || undefined);
}

/** Longer than a call that hangs. */
const registerMs = 90_000;

const untilServes = ({ name, program }: RunningAgent): Promise<true> =>
  until(
    `the registration of ${name}`,
    () => {
      if (!program.isRunning()) throw new Error(`${name} ended before it was registered`);
      return program.readLog().includes(` ${name} serves `) || undefined;
    },
    registerMs,
  );

async function disturbLink(link: Link, { kind, forMs }: Fault): Promise<void> {
  if (kind === 'link silent') link.silence();
  else if (kind === 'link moved') link.move();
  else if (kind === 'link slow') link.delay(forMs / 4);
  else if (kind === 'link stranded') link.strand();
  else link.cut();
  await sleep(forMs);
  link.heal();
}
