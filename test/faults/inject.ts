import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from './lab.ts';
import type { Link } from './link.ts';
import type { Fault, Plan } from './plan.ts';
import { endProgram, type Program, until } from './program.ts';

/** An agent, the link that it calls through, and the process that it is at the moment. */
export interface RunningAgent {
  readonly name: string;
  readonly link: Link;
  program: Program;
}

export interface Setup {
  readonly lab: Lab;
  readonly agents: readonly RunningAgent[];
  /** Through which people submit, cancel and wait. */
  readonly publicLink: Link;
  /** When the plan began, monotonic ms. */
  readonly began: number;
  /** What went wrong beside the verdicts. */
  readonly problems: string[];
}

/** Carries out the plan's faults; resolves when all are healed. */
export async function injectFaults(scene: Setup, plan: Plan): Promise<void> {
  const links = [...scene.agents.map(({ link }) => link), scene.publicLink];
  await Promise.all([
    inTurn(scene, plan.server, (fault) => disturbServer(scene.lab, fault)),
    ...scene.agents.map((rack, n) =>
      inTurn(scene, plan.agents[n] ?? [], (fault) => disturbAgent(scene, rack, fault)),
    ),
    ...links.map((link, n) => inTurn(scene, plan.links[n] ?? [], (fault) => disturbLink(link, fault))),
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

async function disturbServer(lab: Lab, { kind, forMs }: Fault): Promise<void> {
  const { server } = lab;
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
  await lab.startServer();
}

async function disturbAgent({ lab }: Setup, rack: RunningAgent, { kind, forMs }: Fault): Promise<void> {
  const old = rack.program;
  if (!old.isRunning()) throw new Error(`${rack.name} had ended by itself`);
  const startAgent = (): void => {
    rack.program = lab.startAgent(rack.name, rack.link.url);
  };
  if (kind === 'agent killed') {
    await endProgram(old);
    await sleep(forMs);
    startAgent();
    return;
  }
  // The last to register has the name, so who is to be replaced, and who replaces it, must be done with that.
  if (kind === 'agent replaced') await untilServes(rack);
  old.signal('SIGSTOP');
  if (kind === 'agent replaced') startAgent();
  await sleep(forMs);
  old.signal('SIGCONT');
  if (kind !== 'agent replaced') return;
  await untilServes(rack);
  await until(`the end of a ${rack.name} that was replaced`, () => !old.isRunning() || undefined);
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
  else if (kind === 'link slow') link.delay(forMs / 4);
  else if (kind === 'link stranded') link.strand();
  else link.cut();
  await sleep(forMs);
  link.heal();
}
