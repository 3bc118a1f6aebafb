import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import type { FileLock } from '../../../host/lock-file.ts';
import { formatDuration } from '../../../protocol/durations.ts';
import type { Device, DeviceHost, DeviceInstall } from '../device.ts';
import type { Fault } from '../fault.ts';
import { OwnPackages, type PackageStore } from '../own-packages.ts';
import type { DevicectlEntry } from './ios-entries.ts';
import { lastLine, whyNoXcode, type Xcrun, type XcrunEnd, type XcrunOptions } from './xcrun.ts';

const Listed = z.object({
  result: z.object({
    devices: z.array(
      z.object({
        identifier: z.string(),
        hardwareProperties: z
          .object({ udid: z.string().optional(), marketingName: z.string().optional() })
          .default({}),
        deviceProperties: z
          .object({ osVersionNumber: z.string().optional(), developerModeStatus: z.string().optional() })
          .default({}),
        connectionProperties: z
          .object({ tunnelState: z.string().optional(), pairingState: z.string().optional() })
          .default({}),
      }),
    ),
  }),
});
type ListedDevice = z.output<typeof Listed>['result']['devices'][number];

const Apps = z.object({
  result: z.object({ apps: z.array(z.looseObject({ bundleIdentifier: z.string() })) }),
});
type ListedApp = z.output<typeof Apps>['result']['apps'][number];

const callMs = 30_000;

/** An iPhone or iPad, by Apple's devicectl. It can neither be recorded nor its log be read that way. */
export class IosDevice implements Device {
  readonly env: Device['env'];
  readonly #entry: DevicectlEntry;
  readonly #host: DeviceHost;
  readonly #xcrun: Xcrun;
  readonly #packages: OwnPackages;
  #right: FileLock | undefined;
  #listed: ListedDevice | undefined;

  constructor(entry: DevicectlEntry, host: DeviceHost, xcrun: Xcrun) {
    this.#entry = entry;
    this.#host = host;
    this.#xcrun = xcrun;
    this.env = { QGJOB_DEVICE_UDID: entry.udid };
    const store: PackageStore = {
      uninstall: (id) => this.#uninstall(id),
      has: (id) => this.#has(id),
      installOf: (id) => this.#installOf(id),
    };
    this.#packages = new OwnPackages(store, join(host.folder, 'phones'), `ios:${entry.udid}`);
  }

  get offer(): Device['offer'] {
    const { name, udid, target } = this.#entry;
    const version = this.#listed?.deviceProperties.osVersionNumber;
    const model = this.#listed?.hardwareProperties.marketingName;
    return {
      name: name ?? udid,
      target,
      platform: 'ios',
      ...(version && { os_version: version.slice(0, 50) }),
      labels: { driver: 'devicectl', udid, ...(model && { model: model.slice(0, 200) }) },
    };
  }

  async examine(): Promise<Fault | undefined> {
    try {
      const why = whyNoXcode(this.#host) ?? (await this.#whyNot());
      return why === undefined ? undefined : { why, breaksTests: true };
    } catch (error) {
      return { why: (error as Error).message, breaksTests: true };
    }
  }

  async #whyNot(): Promise<string | undefined> {
    this.#right ??= this.#host.locks.tryLock(`ios:${this.#entry.udid}`);
    if (this.#right === undefined) return 'another agent of this host uses it';
    const { end, json } = await this.#call(['list', 'devices'], { timeoutMs: callMs });
    if (end.code !== 0)
      return `\`xcrun devicectl list devices\` failed: ${lastLine(end.stderr || end.stdout)}`;
    const { udid } = this.#entry;
    const found = Listed.parse(json).result.devices.find(
      (one) => one.identifier === udid || one.hardwareProperties.udid === udid,
    );
    this.#listed = found;
    return found === undefined
      ? 'Xcode does not see it: is it plugged in, unlocked, and does it trust this Mac?'
      : whyNotUsable(found);
  }

  install: NonNullable<Device['install']> = ({ path, packageName }, { timeoutMs, signal }) =>
    this.#packages.install(packageName, async () => {
      const words = ['device', 'install', 'app', '--device', this.#entry.udid, path];
      const { end } = await this.#call(words, { timeoutMs, signal });
      if (end.code === 0) return { ok: true, installs: 1 };
      return { ok: false, installs: 1, ...failureOf(end, timeoutMs) };
    });

  noteApp: NonNullable<Device['noteApp']> = ({ packageName }) => this.#packages.note(packageName);

  hasApp: NonNullable<Device['hasApp']> = ({ packageName }) => this.#packages.has(packageName);

  stillHasApp = (): Promise<boolean> => this.#packages.hasLast();

  reset: NonNullable<Device['reset']> = (next) => this.#packages.reset(next);

  dispose = async (): Promise<void> => this.#right?.unlock();

  async #uninstall(bundleId: string): Promise<void> {
    await this.#call(['device', 'uninstall', 'app', '--device', this.#entry.udid, bundleId], {
      timeoutMs: callMs,
    });
  }

  async #has(bundleId: string): Promise<boolean | undefined> {
    const apps = await this.#apps(bundleId);
    return apps && apps.length > 0;
  }

  /** With its version, and the folder that each install makes for it. */
  async #installOf(bundleId: string): Promise<string | undefined> {
    const [app] = (await this.#apps(bundleId)) ?? [];
    return app && JSON.stringify(app);
  }

  async #apps(bundleId: string): Promise<ListedApp[] | undefined> {
    const words = ['device', 'info', 'apps', '--device', this.#entry.udid, '--bundle-id', bundleId];
    const { end, json } = await this.#call(words, { timeoutMs: callMs });
    const apps = Apps.safeParse(json);
    if (end.code !== 0 || !apps.success) return undefined;
    return apps.data.result.apps.filter(({ bundleIdentifier }) => bundleIdentifier === bundleId);
  }

  /** devicectl says what can be read by programs in a file alone. */
  async #call(words: readonly string[], options: XcrunOptions): Promise<{ end: XcrunEnd; json: unknown }> {
    const folder = await mkdtemp(join(tmpdir(), `${this.#host.prefix}${process.pid}-`));
    const path = join(folder, 'answer.json');
    try {
      const end = await this.#xcrun.run(['devicectl', ...words, '--json-output', path], options);
      const json = await readFile(path, 'utf8').then(JSON.parse, () => undefined);
      return { end, json };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** Written from documentation: what tunnels of real devices say was not seen. */
function whyNotUsable({ connectionProperties, deviceProperties }: ListedDevice): string | undefined {
  const { tunnelState, pairingState } = connectionProperties;
  if (pairingState === 'unpaired')
    return 'it does not trust this Mac yet: unlock it and accept the dialog on it';
  if (deviceProperties.developerModeStatus === 'disabled')
    return 'its developer mode is off: Settings > Privacy & Security > Developer Mode';
  // The tunnel of a paired device is opened when it is needed.
  if (tunnelState === 'connected' || (tunnelState === 'disconnected' && pairingState === 'paired'))
    return undefined;
  return `Xcode has no connection to it (tunnel: ${tunnelState ?? 'unknown'}): plug it in and unlock it`;
}

const ofBuild =
  /invalid bundle|not a valid|No code signature|ApplicationVerificationFailed|0xe8008|Failed to verify code signature/i;
const ofDevice = /device (was )?not found|not connected|tunnel|timed? out|CoreDeviceError/i;

function failureOf(
  { code, stderr, stdout }: XcrunEnd,
  timeoutMs: number,
): Pick<Extract<DeviceInstall, { ok: false }>, 'class' | 'why'> {
  if (code === undefined)
    return { class: 'install_failed', why: `no end after ${formatDuration(timeoutMs)}` };
  const why = (stderr || stdout).trim();
  if (ofBuild.test(why)) return { class: 'build_error', why };
  return { class: ofDevice.test(why) ? 'infra_error' : 'install_failed', why };
}
