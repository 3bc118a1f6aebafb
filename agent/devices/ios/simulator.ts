import { join } from 'node:path';
import type { FileLock } from '../../../host/lock-file.ts';
import type { Device, DeviceHost } from '../device.ts';
import type { Fault } from '../fault.ts';
import { OwnPackages } from '../own-packages.ts';
import { installOnSimulator } from './install-simulator.ts';
import type { SimctlEntry } from './ios-entries.ts';
import { SimulatorBoot } from './simulator-boot.ts';
import { deleteSimulator, simulatorPackages } from './simulator-calls.ts';
import { type ListedSimulator, listSimulators } from './simulator-list.ts';
import { SimulatorRecording } from './simulator-recording.ts';
import { unpackApp } from './unpack-app.ts';
import { lastLine, whyNoXcode, type Xcrun } from './xcrun.ts';

const callMs = 60_000;
/** Pause after a boot that came to nothing. */
const pauseMs = 15_000;

/** A simulator: one that is there, or one that this agent makes at its first look and deletes at its end. */
export class Simulator implements Device {
  readonly #entry: SimctlEntry;
  readonly #name: string;
  readonly #host: DeviceHost;
  readonly #xcrun: Xcrun;
  /** Resolves when what a killed agent left is deleted. */
  readonly #cleared: () => Promise<void>;
  #udid: string | undefined;
  #right: FileLock | undefined;
  #packages: OwnPackages | undefined;
  #boot: SimulatorBoot | undefined;
  #hasBooted = false;
  #failed = { why: '', until: 0 };
  #osVersion: string | undefined;
  #recording: SimulatorRecording | undefined;
  #isOver = false;

  constructor(
    entry: SimctlEntry,
    name: string,
    host: DeviceHost,
    xcrun: Xcrun,
    cleared: () => Promise<void>,
  ) {
    this.#entry = entry;
    this.#name = name;
    this.#host = host;
    this.#xcrun = xcrun;
    this.#cleared = cleared;
    this.#udid = entry.udid;
  }

  get offer(): Device['offer'] {
    const { target, device_type } = this.#entry;
    return {
      name: this.#name,
      target,
      platform: 'ios',
      ...(this.#osVersion && { os_version: this.#osVersion.slice(0, 50) }),
      labels: {
        driver: 'simctl',
        ...(this.#udid && { udid: this.#udid }),
        ...(device_type && { model: device_type }),
      },
    };
  }

  get env(): Device['env'] {
    return this.#udid === undefined ? {} : { QGJOB_DEVICE_UDID: this.#udid };
  }

  async examine(): Promise<Fault | undefined> {
    try {
      const why = whyNoXcode(this.#host);
      if (why !== undefined) return inWords(why);
      return this.#host.mayChange ? await this.#look() : await this.#lookOnly();
    } catch (error) {
      return inWords((error as Error).message);
    }
  }

  async #lookOnly(): Promise<Fault | undefined> {
    const listed = await listSimulators(this.#xcrun);
    const { udid } = this.#entry;
    return udid !== undefined && !listed.some((one) => one.udid === udid)
      ? inWords(notThere(udid))
      : undefined;
  }

  async #look(): Promise<Fault | undefined> {
    if (this.#isOver) return inWords('it is being ended');
    await this.#cleared();
    const left = this.#failed.until - performance.now();
    if (left > 0) return inWords(`${this.#failed.why}; it is tried again in ${seconds(left)}`);
    const udid = await this.#own();
    if (udid === undefined) return inWords('another agent of this host uses it');
    if (this.#boot) return this.#awaitBoot(this.#boot);
    const found = (await listSimulators(this.#xcrun)).find((one) => one.udid === udid);
    return this.#judge(udid, found);
  }

  /** Its UDID: made where it is not there yet. Undefined: another agent has it. */
  async #own(): Promise<string | undefined> {
    if (this.#udid === undefined) {
      const { device_type = '', runtime } = this.#entry;
      const words = ['simctl', 'create', `${this.#host.prefix}${this.#name}`, device_type];
      const made = await this.#xcrun.must([...words, ...(runtime ? [runtime] : [])], { timeoutMs: callMs });
      this.#udid = lastLine(made);
    }
    const udid = this.#udid;
    this.#right ??= this.#host.locks.tryLock(`ios:${udid}`);
    this.#packages ??= new OwnPackages(
      simulatorPackages(this.#xcrun, udid),
      join(this.#host.folder, 'phones'),
      `ios:${udid}`,
    );
    return this.#right && udid;
  }

  async #judge(udid: string, found: ListedSimulator | undefined): Promise<Fault | undefined> {
    if (found === undefined && this.#entry.udid === undefined) {
      // Somebody has deleted it: the next look makes another one.
      await this.#forget();
      return inWords('it was deleted; another one is made');
    }
    if (found === undefined) return inWords(notThere(udid));
    if (!found.isAvailable) return inWords('its runtime is not installed: Xcode > Settings > Components');
    this.#osVersion = found.osVersion;
    if (found.state === 'Booted' && this.#hasBooted) return undefined;
    this.#hasBooted = false;
    this.#boot = await SimulatorBoot.begin(this.#xcrun, udid);
    return inWords('it boots');
  }

  #awaitBoot(boot: SimulatorBoot): Fault | undefined {
    const state = boot.look(this.#entry.boot_timeout);
    if (state.is === 'booting') return inWords(`it boots since ${seconds(state.sinceMs)}`);
    this.#boot = undefined;
    this.#hasBooted = state.is === 'booted';
    if (state.is === 'booted') return undefined;
    this.#failed = { why: state.why, until: performance.now() + pauseMs };
    return inWords(state.why);
  }

  install: NonNullable<Device['install']> = async ({ path }, { timeoutMs, signal }) => {
    const udid = this.#udid ?? '';
    const app = await unpackApp(path, this.#host.env).catch((error: Error) => error);
    if (app instanceof Error) return { ok: false, installs: 0, class: 'build_error', why: app.message };
    const { grant } = this.#entry;
    const work = () => installOnSimulator({ xcrun: this.#xcrun, udid, app, grant, timeoutMs, signal });
    return this.#packages?.install(app.bundleId, work) ?? work();
  };

  /** What is no IPA has to be unpacked to be known. */
  noteApp: NonNullable<Device['noteApp']> = async ({ path, packageName }) => {
    const app = packageName ?? (await unpackApp(path, this.#host.env).catch(() => undefined))?.bundleId;
    await this.#packages?.note(app);
  };

  hasApp: NonNullable<Device['hasApp']> = async (app) => this.#packages?.has(app.packageName);

  stillHasApp = async (): Promise<boolean> => (await this.#packages?.hasLast()) ?? false;

  reset: NonNullable<Device['reset']> = async (next) => this.#packages?.reset(next);

  record: NonNullable<Device['record']> = async ({ folder }) => {
    const { log, video } = this.#entry;
    if ((!log && video === 'off') || this.#udid === undefined) return undefined;
    await this.#recording?.seal();
    const recording = new SimulatorRecording(this.#xcrun, this.#udid, folder, { log, video });
    this.#recording = recording;
    await recording.begin();
    return { end: (result) => recording.end(result) };
  };

  async #forget(): Promise<void> {
    await this.#packages?.forget();
    this.#right?.unlock();
    this.#packages = undefined;
    this.#right = undefined;
    this.#udid = this.#entry.udid;
    this.#hasBooted = false;
  }

  /** One that was there before goes on running. */
  async dispose(): Promise<void> {
    this.#isOver = true;
    await this.#recording?.seal();
    this.#boot?.end();
    if (this.#entry.udid === undefined && this.#udid !== undefined)
      await deleteSimulator(this.#xcrun, this.#udid);
    if (this.#entry.udid === undefined) await this.#forget().catch(() => undefined);
    this.#right?.unlock();
  }
}

const inWords = (why: string): Fault => ({ why, breaksTests: true });
const notThere = (udid: string): string =>
  `there is no simulator ${udid} on this Mac: \`xcrun simctl list devices\` shows those that are`;
const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
