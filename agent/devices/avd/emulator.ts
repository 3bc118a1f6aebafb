import type { Adb } from '../adb/adb.ts';
import { Phone } from '../adb/phone.ts';
import type { PhoneList } from '../adb/phone-states.ts';
import type { Device, DeviceHost } from '../device.ts';
import type { Fault } from '../fault.ts';
import type { AvdEntry } from './avd-entry.ts';
import { findEmulator, listAvds, noAvd, noEmulator, whyNoKvm } from './emulator-host.ts';
import { EmulatorProcess } from './emulator-process.ts';
import { type TakenPort, takePort } from './take-port.ts';

/** An emulator that is there and does not answer for so long is begun anew. */
const goneMs = 60_000;
/** Pause before the third start in a row, where two came to nothing; doubles up to the longest. */
const [firstPauseMs, longestPauseMs] = [5000, 120_000];

const bootScript =
  'getprop sys.boot_completed; echo anim $(getprop init.svc.bootanim); service list | grep -E "\\s(activity|package|window): "';

/** An emulator of this agent: it boots when it is first looked at, and anew when it has ended. As a phone it is one of adb's. */
export class Emulator implements Device {
  readonly #entry: AvdEntry;
  readonly #name: string;
  readonly #host: DeviceHost;
  readonly #adb: Adb;
  readonly #list: PhoneList;
  #process: EmulatorProcess | undefined;
  #phone: Phone | undefined;
  #taken: TakenPort | undefined;
  #isBooted = false;
  #wellAt = 0;
  /** Starts in a row that came to nothing, why, and when the next one may be. */
  #failed = { times: 0, why: '', until: 0 };
  #isOver = false;

  constructor(entry: AvdEntry, name: string, host: DeviceHost, list: PhoneList, adb: Adb) {
    this.#entry = entry;
    this.#name = name;
    this.#host = host;
    this.#list = list;
    this.#adb = adb;
  }

  get offer(): Device['offer'] {
    const { target, avd } = this.#entry;
    const { os_version, labels } = this.#phone?.offer ?? {};
    return {
      name: this.#name,
      target,
      platform: 'android',
      ...(os_version && { os_version }),
      labels: { ...labels, driver: 'avd', avd },
    };
  }

  get env(): Device['env'] {
    return this.#phone?.env ?? {};
  }

  async examine(): Promise<Fault | undefined> {
    try {
      if (!this.#host.mayChange) return gone(await this.#whyNot());
      return await this.#look();
    } catch (error) {
      return gone((error as Error).message);
    }
  }

  async #look(): Promise<Fault | undefined> {
    if (this.#isOver) return gone('it is being ended');
    if (this.#process?.isOver) await this.#fail(`it ended: ${this.#process.lastWords || 'it said nothing'}`);
    if (this.#process === undefined) return this.#boot();
    if (!this.#isBooted) return this.#awaitBoot(this.#process);
    const fault = await this.#phone?.examine();
    const now = performance.now();
    if (!fault?.breaksTests) this.#wellAt = now;
    else if (now - this.#wellAt > goneMs) await this.#fail(fault.why);
    return fault;
  }

  /** Begins a boot, where nothing is in its way. */
  async #boot(): Promise<Fault> {
    const { times, why, until } = this.#failed;
    const pauseMs = until - performance.now();
    if (pauseMs > 0) return inWords(`${why}; it is started again in ${seconds(pauseMs)}`);
    const missing = await this.#whyNot();
    const program = findEmulator(this.#host.env);
    if (missing !== undefined || program === undefined) return inWords(missing ?? noEmulator);
    this.#taken ??= await takePort(this.#entry.port, this.#host.locks);
    if (this.#taken === undefined) return inWords('all ports for emulators are taken on this host');
    const { port } = this.#taken;
    this.#process = await EmulatorProcess.start(program, this.#entry, port, this.#host);
    this.#phone = this.#openPhone(this.#process.serial);
    return inWords(times === 0 ? 'it boots' : `it boots anew: ${why}`);
  }

  #openPhone(serial: string): Phone {
    const { target, min_free_mb, logcat, video } = this.#entry;
    const limits = { min_battery: 0, max_temperature: Number.POSITIVE_INFINITY, min_free_mb };
    const entry = { driver: 'adb', target, serial, name: this.#name, logcat, video, ...limits } as const;
    return new Phone(entry, this.#host, this.#list, this.#adb, `avd:${this.#name}`);
  }

  /** Why it cannot be started; undefined: it can. */
  async #whyNot(): Promise<string | undefined> {
    const { avd, accel } = this.#entry;
    const program = findEmulator(this.#host.env);
    if (program === undefined) return noEmulator;
    const noKvm = accel && process.platform === 'linux' ? whyNoKvm() : undefined;
    if (noKvm !== undefined) return noKvm;
    const known = await listAvds(program, this.#host.env);
    return known.includes(avd) ? undefined : noAvd(avd, known);
  }

  async #awaitBoot(process: EmulatorProcess): Promise<Fault | undefined> {
    const sinceMs = performance.now() - process.startedAt;
    if (await this.#hasBooted(process.serial)) {
      this.#isBooted = true;
      this.#failed = { times: 0, why: '', until: 0 };
      this.#wellAt = performance.now();
      return this.#phone?.examine();
    }
    if (sinceMs <= this.#entry.boot_timeout * 1000) return inWords(`it boots since ${seconds(sinceMs)}`);
    await this.#fail(`it did not boot within ${this.#entry.boot_timeout} s`);
    return inWords(this.#failed.why);
  }

  async #hasBooted(serial: string): Promise<boolean> {
    if ((await this.#list.read()).get(serial) !== 'device') return false;
    const answer = await this.#adb.shell(serial, bootScript, { timeoutMs: this.#host.lookMs });
    if (typeof answer === 'string') return false;
    const isStill = /^anim (stopped)?\s*$/m.test(answer.text);
    const services = answer.text.match(/\s(activity|package|window): /g)?.length ?? 0;
    return /^1$/m.test(answer.text) && isStill && services >= 3;
  }

  /** It is of no use as it is: the next look may start another one. */
  async #fail(why: string): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    this.#isBooted = false;
    await process?.kill();
    await this.#phone?.dispose();
    this.#givePortBack();
    const times = this.#failed.times + 1;
    const pauseMs = times === 1 ? 0 : Math.min(firstPauseMs * 2 ** (times - 2), longestPauseMs);
    this.#failed = { times, why, until: performance.now() + pauseMs };
  }

  /** Something else may have it by now, and be why it failed: the next start takes one that is free. */
  #givePortBack(): void {
    this.#taken?.lock.unlock();
    this.#taken = undefined;
  }

  install: NonNullable<Device['install']> = async (app, options) =>
    (await this.#phone?.install(app, options)) ?? {
      ok: false,
      installs: 0,
      class: 'infra_error',
      why: 'the emulator does not run',
    };

  noteApp: NonNullable<Device['noteApp']> = async (app) => this.#phone?.noteApp(app);

  hasApp: NonNullable<Device['hasApp']> = async (app) => this.#phone?.hasApp(app);

  stillHasApp = async (): Promise<boolean> => (await this.#phone?.stillHasApp()) ?? false;

  reset: NonNullable<Device['reset']> = async (next) => this.#phone?.reset(next);

  record: NonNullable<Device['record']> = async (attempt) => this.#phone?.record(attempt);

  async dispose(): Promise<void> {
    this.#isOver = true;
    await this.#phone?.dispose();
    await this.#process?.stop(this.#adb).catch(() => undefined);
    this.#givePortBack();
  }
}

const inWords = (why: string): Fault => ({ why, breaksTests: true });
const gone = (why: string | undefined): Fault | undefined => (why === undefined ? undefined : inWords(why));
const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
