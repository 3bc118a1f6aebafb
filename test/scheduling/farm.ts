import { Random } from '../support/random.ts';
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

/** Time from the grant of a lease to the start of its work, s. */
const overhead = 0.25;
/** A device that gets no lease although jobs of its target are queued requests again after this time, s. */
const requestEvery = 5;
/** If all devices are idle for this long, the policy is stuck, s. */
const stuckAfter = 2 * 3600;

interface Slot {
  readonly device: Device;
  installed: string | undefined;
  isBusy: boolean;
  willRequest: boolean;
}

/**
 * Runs a workload through a policy in virtual time, one call after the other; returns what each device did. It does not
 * check the policy; `findViolations` does.
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
  readonly #events = new EventQueue();
  readonly #jobs: ReadonlyMap<string, FarmJob>;
  readonly #queued = new Set<FarmJob>();
  /** Decides the order of devices that request at the same instant. */
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
      willRequest: false,
    }));
  }

  async run(): Promise<Span[]> {
    await this.#policy.init?.(this.#state());
    for (const run of this.#workload.runs) this.#events.add(run.arrival, () => this.#arrive(run));
    for (let next = this.#events.next(); next; next = this.#events.next()) {
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
    for (const slot of this.#random.sample(this.#slots, this.#slots.length)) await this.#request(slot);
  }

  async #request(slot: Slot): Promise<void> {
    if (slot.isBusy || !this.#hasWorkFor(slot)) return;
    const chosen = await this.#policy.choose(this.#state(), slot.device);
    if (chosen) this.#work(slot, chosen.jobs);
    else this.#requestLater(slot);
  }

  #hasWorkFor({ device }: Slot): boolean {
    return [...this.#queued].some((job) => job.target === device.target);
  }

  #requestLater(slot: Slot): void {
    if (slot.willRequest) return;
    const isIdle = this.#slots.every((one) => !one.isBusy);
    if (isIdle && this.#now - this.#lastWork > stuckAfter)
      throw new Error(`stuck with ${this.#queued.size} queued jobs`);
    slot.willRequest = true;
    this.#events.add(this.#now + requestEvery, () => {
      slot.willRequest = false;
      return this.#request(slot);
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
    this.#events.add(done.at(-1)?.end ?? start, () => this.#free(slot, jobs, { install, jobs: done }));
  }

  #take(id: string): FarmJob {
    const job = this.#jobs.get(id);
    if (!job) throw new Error(`there is no job ${id}`);
    this.#queued.delete(job);
    return job;
  }

  /** Duration of the install before the first job, s; 0 if the device has the app. */
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
    await this.#request(slot);
  }
}

interface ScheduledEvent {
  readonly at: number;
  readonly act: () => Promise<void>;
}

/** Future events in order of time; events at the same instant in the order in which they were added. */
class EventQueue {
  readonly #events: ScheduledEvent[] = [];

  add(at: number, act: () => Promise<void>): void {
    this.#events.splice(this.#events.findLastIndex((event) => event.at <= at) + 1, 0, { at, act });
  }

  next(): ScheduledEvent | undefined {
    return this.#events.shift();
  }
}
