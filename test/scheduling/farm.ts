import { Random } from '../support/random.ts';
import { Agenda } from './agenda.ts';
import {
  type Device,
  type FarmJob,
  type FarmRun,
  groupOf,
  type LeaseRecord,
  type Policy,
  type Span,
  type Workload,
} from './model.ts';

/** From the grant of a lease to the beginning of its work, s. */
const overhead = 0.25;
/** A device that got nothing while jobs of its target are queued asks again after this, s. */
const askEvery = 5;
/** With all devices idle for so long, the policy is stuck, s. */
const stuckAfter = 2 * 3600;

interface Slot {
  readonly device: Device;
  installed: string | undefined;
  isBusy: boolean;
  willAsk: boolean;
}

/**
 * Runs a workload through a policy in virtual time, one call after the other; answers what each device did. It trusts the
 * policy: whether all that was legal is for `findFaults` to say.
 */
export async function simulate(workload: Workload, policy: Policy): Promise<Span[]> {
  try {
    return await new Farm(workload, policy).run();
  } finally {
    await policy.close?.();
  }
}

class Farm {
  readonly #workload: Workload;
  readonly #policy: Policy;
  readonly #slots: readonly Slot[];
  readonly #agenda = new Agenda();
  readonly #jobs: ReadonlyMap<string, FarmJob>;
  readonly #queued = new Set<FarmJob>();
  /** Who asks first of those that ask at one instant. */
  readonly #random = new Random(1);
  readonly #spans: Span[] = [];
  #now = 0;
  #lastWork = 0;

  constructor(workload: Workload, policy: Policy) {
    this.#workload = workload;
    this.#policy = policy;
    this.#jobs = new Map(workload.runs.flatMap((run) => run.jobs).map((job) => [job.id, job]));
    this.#slots = workload.devices.map((device) => ({
      device,
      installed: undefined,
      isBusy: false,
      willAsk: false,
    }));
  }

  async run(): Promise<Span[]> {
    await this.#policy.init?.(this.#state());
    for (const run of this.#workload.runs) this.#agenda.add(run.arrival, () => this.#arrive(run));
    for (let next = this.#agenda.next(); next; next = this.#agenda.next()) {
      this.#now = next.at;
      await next.act();
    }
    return this.#spans;
  }

  #state() {
    return { now: this.#now, devices: this.#workload.devices };
  }

  async #arrive(run: FarmRun): Promise<void> {
    for (const job of run.jobs) this.#queued.add(job);
    this.#lastWork = this.#now;
    await this.#policy.onArrive(run.jobs, this.#state());
    for (const slot of this.#random.sample(this.#slots, this.#slots.length)) await this.#ask(slot);
  }

  async #ask(slot: Slot): Promise<void> {
    if (slot.isBusy || !this.#hasWorkFor(slot)) return;
    const chosen = await this.#policy.choose(this.#state(), slot.device);
    if (chosen) this.#work(slot, chosen.jobs);
    else this.#askLater(slot);
  }

  #hasWorkFor({ device }: Slot): boolean {
    return [...this.#queued].some((job) => job.target === device.target);
  }

  #askLater(slot: Slot): void {
    if (slot.willAsk) return;
    const isIdle = this.#slots.every((one) => !one.isBusy);
    if (isIdle && this.#now - this.#lastWork > stuckAfter)
      throw new Error(`stuck with ${this.#queued.size} queued jobs`);
    slot.willAsk = true;
    this.#agenda.add(this.#now + askEvery, () => {
      slot.willAsk = false;
      return this.#ask(slot);
    });
  }

  #work(slot: Slot, ids: readonly string[]): void {
    const jobs = ids.map((id) => this.#take(id));
    const start = this.#now + overhead;
    const install = this.#install(slot, jobs, start);
    const done: { id: string; start: number; end: number }[] = [];
    for (const { id } of jobs) {
      const from = done.at(-1)?.end ?? start + install;
      const to = from + (this.#workload.seconds.get(id) ?? 0);
      this.#spans.push({ device: slot.device.id, from, to, job: id });
      done.push({ id, start: from, end: to });
    }
    slot.isBusy = true;
    this.#agenda.add(done.at(-1)?.end ?? start, () => this.#free(slot, jobs, { install, jobs: done }));
  }

  #take(id: string): FarmJob {
    const job = this.#jobs.get(id);
    if (!job) throw new Error(`there is no job ${id}`);
    this.#queued.delete(job);
    return job;
  }

  /** What the install before the first job takes, s; 0 where the device has the app. */
  #install(slot: Slot, [first]: readonly FarmJob[], from: number): number {
    if (!first || slot.installed === groupOf(first)) return 0;
    slot.installed = groupOf(first);
    const span = { device: slot.device.id, from, to: from + first.setup, installs: slot.installed };
    this.#spans.push(span);
    return first.setup;
  }

  async #free(slot: Slot, jobs: readonly FarmJob[], record: LeaseRecord): Promise<void> {
    slot.isBusy = false;
    this.#lastWork = this.#now;
    await this.#policy.onFree?.(jobs, slot.device, this.#state(), record);
    await this.#ask(slot);
  }
}
