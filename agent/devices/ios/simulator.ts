import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { FileLock } from '../../../host/lock-file.ts';
import { signalGroup } from '../../children/processes.ts';
import type { Device, DeviceHost } from '../device.ts';
import type { Fault } from '../fault.ts';
import { OwnPackages, type PackageStore } from '../own-packages.ts';
import { installOnSimulator } from './install-simulator.ts';
import type { SimctlEntry } from './ios-entries.ts';
import { type ListedSimulator, listSimulators } from './simulator-list.ts';
import { SimulatorRecording } from './simulator-recording.ts';
import { unpackApp } from './unpack-app.ts';
import { lastLine, whyNoXcode, type Xcrun } from './xcrun.ts';

const callMs = 60_000;
/** Pause after a boot that came to nothing. */
const pauseMs = 15_000;

interface Boot {
  readonly child: ChildProcess;
  readonly startedAt: number;
  said: string;
}

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
  #boot: Boot | undefined;
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
      storeOf(this.#xcrun, udid),
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
    await this.#begin(udid);
    return inWords('it boots');
  }

  /** Also where it is booted: it may have come only half of the way. */
  async #begin(udid: string): Promise<void> {
    this.#hasBooted = false;
    const child = await this.#xcrun.open(['simctl', 'bootstatus', udid, '-b']);
    const boot: Boot = { child, startedAt: performance.now(), said: '' };
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (bytes) => {
        boot.said = `${boot.said}${bytes}`.slice(-2000);
      });
    this.#boot = boot;
  }

  async #awaitBoot(boot: Boot): Promise<Fault | undefined> {
    const { child, startedAt, said } = boot;
    const sinceMs = performance.now() - startedAt;
    if (child.exitCode === 0) {
      this.#boot = undefined;
      this.#hasBooted = true;
      return undefined;
    }
    const isLate = sinceMs > this.#entry.boot_timeout * 1000;
    const hasFailed = child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
    if (!isLate && !hasFailed) return inWords(`it boots since ${seconds(sinceMs)}`);
    if (!hasFailed && child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
    this.#boot = undefined;
    const why = isLate
      ? `it did not boot within ${this.#entry.boot_timeout} s`
      : `it did not boot: ${lastLine(said)}`;
    this.#failed = { why, until: performance.now() + pauseMs };
    return inWords(why);
  }

  install: NonNullable<Device['install']> = async ({ path }, { timeoutMs, signal }) => {
    const udid = this.#udid ?? '';
    const app = await unpackApp(path, this.#host.env).catch((error: Error) => error);
    if (app instanceof Error) return { ok: false, installs: 0, class: 'build_error', why: app.message };
    await this.#packages?.note(app.bundleId);
    const { grant } = this.#entry;
    return installOnSimulator({ xcrun: this.#xcrun, udid, app, grant, timeoutMs, signal });
  };

  stillHasApp = async (): Promise<boolean> => (await this.#packages?.hasLast()) ?? true;

  reset: NonNullable<Device['reset']> = async ({ orgId }) => this.#packages?.reset(orgId);

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
    const pid = this.#boot?.child.pid;
    if (pid !== undefined) signalGroup(pid, 'SIGKILL');
    if (this.#entry.udid === undefined && this.#udid !== undefined)
      await deleteSimulator(this.#xcrun, this.#udid);
    if (this.#entry.udid === undefined) await this.#forget().catch(() => undefined);
    this.#right?.unlock();
  }
}

/** Never throws. */
export async function deleteSimulator(xcrun: Xcrun, udid: string): Promise<void> {
  await xcrun.run(['simctl', 'shutdown', udid], { timeoutMs: callMs });
  await xcrun.run(['simctl', 'delete', udid], { timeoutMs: callMs });
}

const storeOf = (xcrun: Xcrun, udid: string): PackageStore => ({
  uninstall: async (bundleId) =>
    void (await xcrun.run(['simctl', 'uninstall', udid, bundleId], { timeoutMs: callMs })),
  has: async (bundleId) => {
    const end = await xcrun.run(['simctl', 'get_app_container', udid, bundleId], { timeoutMs: callMs });
    if (end.code === 0) return true;
    return /No such file or directory|not installed/i.test(end.stderr) ? false : undefined;
  },
});

const inWords = (why: string): Fault => ({ why, breaksTests: true });
const notThere = (udid: string): string =>
  `there is no simulator ${udid} on this Mac: \`xcrun simctl list devices\` shows those that are`;
const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
