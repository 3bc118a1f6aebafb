import { join } from 'node:path';
import type { FileLock } from '../../../host/lock-file.ts';
import type { DeviceEntry } from '../../config-shape.ts';
import type { Device, DeviceHost } from '../device.ts';
import type { Fault } from '../fault.ts';
import { OwnPackages } from '../own-packages.ts';
import { type Adb, noAdb } from './adb.ts';
import { bringBack, canBeCalled } from './bring-back.ts';
import { findFault, lookScript, type PhoneLimits, parseLook } from './find-fault.ts';
import { installOnPhone } from './install-app.ts';
import { phonePackages } from './phone-packages.ts';
import { PhoneRecorder } from './phone-recorder.ts';
import type { PhoneList } from './phone-states.ts';

type Entry = Extract<DeviceEntry, { driver: 'adb' }>;

/** adb is told to look again for a phone that is offline, or away in the network, at most so often. */
const reconnectMs = 10_000;

/** What adb shows instead of a phone that can be used, and what to do. */
const stateWords: Readonly<Record<string, string>> = {
  unauthorized: 'it does not trust this host yet: accept the debugging dialog on the phone',
  offline: 'adb shows it as offline; plug it in again if it stays so',
  authorizing: 'it is being authorized',
  recovery: 'it is in recovery mode',
  sideload: 'it is in sideload mode',
  bootloader: 'it is in the bootloader',
};

const unplugged = 'adb does not see it: is it plugged in, and is USB debugging on?';

/** An Android phone, or an emulator that somebody else has started, driven by adb. */
export class Phone implements Device {
  readonly env: Readonly<Record<string, string>>;
  readonly #entry: Entry;
  readonly #host: DeviceHost;
  readonly #adb: Adb;
  readonly #list: PhoneList;
  readonly #recorder: PhoneRecorder;
  readonly #packages: OwnPackages;
  #details: { readonly model?: string; readonly release?: string } = {};
  #reconnectedAt = Number.NEGATIVE_INFINITY;
  /** The right to use it, which agents of one host do not share. */
  #right: FileLock | undefined;
  /** Looks in a row that had no answer in time. */
  #misses = 0;

  /** `key`: under which its apps are remembered. */
  constructor(entry: Entry, host: DeviceHost, list: PhoneList, adb: Adb, key: string = entry.serial) {
    this.#entry = entry;
    this.#host = host;
    this.#list = list;
    this.#adb = adb;
    this.#recorder = new PhoneRecorder({ ...entry, adb, prefix: host.prefix });
    this.#packages = new OwnPackages(phonePackages(adb, entry.serial), join(host.folder, 'phones'), key);
    this.env = { ANDROID_SERIAL: entry.serial, QGJOB_DEVICE_UDID: entry.serial };
  }

  get offer(): Device['offer'] {
    const { name, serial, target } = this.#entry;
    const { model, release } = this.#details;
    return {
      name: name ?? serial.replaceAll(/[^A-Za-z0-9._-]/g, '-'),
      target,
      platform: 'android',
      ...(release && { os_version: release.slice(0, 50) }),
      labels: { driver: 'adb', serial, ...(model && { model: model.slice(0, 200) }) },
    };
  }

  async examine(): Promise<Fault | undefined> {
    const { serial } = this.#entry;
    if (!this.#lock()) return { why: 'another agent of this host uses it', breaksTests: true };
    try {
      const state = (await this.#list.read()).get(serial);
      if (state !== 'device') return await this.#explain(state);
      const answer = await this.#adb.shell(serial, lookScript, { timeoutMs: this.#host.lookMs });
      if (answer === 'cut') return { why: 'it does not answer', breaksTests: true };
      if (answer === 'late') return this.#slow('it does not answer');
      this.#misses = 0;
      const look = parseLook(answer.text);
      this.#details = { model: look.get('model') ?? '', release: look.get('release') ?? '' };
      if (this.#host.mayChange) await this.#recorder.clean();
      return this.#curable(findFault(look, this.#limits, this.#host.clock()));
    } catch (error) {
      const why = (error as Error).message;
      return why === noAdb ? { why, breaksTests: true } : this.#slow(why);
    }
  }

  /** A phone that is busy with its own test may be slow once. */
  #slow(why: string): Fault {
    this.#misses += 1;
    return this.#misses > 1 ? { why, breaksTests: true } : { why, breaksTests: false, isUnsure: true };
  }

  /** An app that has crashed is ended, and its dialog with it. */
  #curable(fault: Fault | undefined): Fault | undefined {
    const app = fault?.detail;
    if (fault === undefined || app === undefined) return fault;
    const close = `am force-stop ${app}`;
    const cure = async (): Promise<void> => {
      await this.#adb
        .shell(this.#entry.serial, close, { timeoutMs: this.#host.lookMs })
        .catch(() => undefined);
    };
    return { ...fault, cure };
  }

  install: NonNullable<Device['install']> = (app, { timeoutMs, signal }) =>
    this.#packages.install(app.packageName, () =>
      installOnPhone({
        adb: this.#adb,
        serial: this.#entry.serial,
        app,
        timeoutMs,
        signal,
        now: () => performance.now(),
      }),
    );

  noteApp: NonNullable<Device['noteApp']> = ({ packageName }) => this.#packages.note(packageName);

  hasApp: NonNullable<Device['hasApp']> = ({ packageName }) => this.#packages.has(packageName);

  stillHasApp = (): Promise<boolean> => this.#packages.hasLast();

  reset: NonNullable<Device['reset']> = (next) => this.#packages.reset(next);

  record: NonNullable<Device['record']> = (attempt) => this.#recorder.record(attempt);

  dispose = async (): Promise<void> => {
    await this.#recorder.dispose().catch(() => undefined);
    this.#right?.unlock();
    this.#right = undefined;
  };

  get #limits(): PhoneLimits {
    const { min_battery, min_free_mb, max_temperature } = this.#entry;
    return { minBattery: min_battery, minFreeMb: min_free_mb, maxTemperature: max_temperature };
  }

  /** Held until this process ends, or `dispose`. */
  #lock(): boolean {
    this.#right ??= this.#host.locks.tryLock(`adb:${this.#entry.serial}`);
    return this.#right !== undefined;
  }

  async #explain(state: string | undefined): Promise<Fault> {
    const now = performance.now();
    const { serial } = this.#entry;
    const isLost = state === 'offline' || (state === undefined && canBeCalled(serial));
    if (isLost && now - this.#reconnectedAt > reconnectMs) {
      this.#reconnectedAt = now;
      await bringBack(this.#adb, serial, { timeoutMs: this.#host.lookMs });
    }
    const noRights =
      state?.startsWith('no permissions') && 'adb may not open it: this host needs a udev rule for it';
    const why =
      state === undefined ? unplugged : (stateWords[state] ?? (noRights || `adb shows it as ${state}`));
    return { why, breaksTests: true };
  }
}
