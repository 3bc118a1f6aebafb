import type { Installed, InstalledReport, Lease } from '../../protocol/shapes/agent.ts';
import type { DeviceOffer } from '../../protocol/shapes/registration.ts';
import type { AttemptResult } from '../reports/attempt-result.ts';
import type { HostLocks } from '../resources/host-lock.ts';
import type { StackHost } from './browserstack/access.ts';
import { DeviceHealth } from './device-health.ts';
import type { Fault } from './fault.ts';
import type { RecordedAttempt, Recording } from './recording.ts';

/** An app on this host. */
export interface AppFile {
  /** Absolute. */
  readonly path: string;
  readonly packageName: string | undefined;
}

/** How an install ended, and how often it was tried. */
export type DeviceInstall =
  | { readonly ok: true; readonly installs: number }
  | {
      readonly ok: false;
      readonly installs: number;
      readonly class: NonNullable<InstalledReport['error_class']>;
      readonly why: string;
    };

/** What a process of a lease is started for. */
export interface DeviceUse {
  readonly orgId: string;
  readonly appVersionId: string;
  readonly target: string;
  readonly leaseId: string;
  readonly framework: string;
  /** A path or an address of the app; empty where the framework brings it. */
  readonly app: string;
  /** The device itself has installed it. */
  readonly hasApp: boolean;
  /** Absent for a process that runs several tests, or installs. */
  readonly job?: { readonly jobId: string; readonly testPath: string; readonly attempt: number } | undefined;
}

/** An attempt that did not pass. */
export type FailedAttempt = Pick<AttemptResult, 'error' | 'tests'>;

/** Why an attempt has no verdict: `capacity` costs it nothing, it waits and is tried again. */
export interface DeviceBlame {
  readonly class: 'capacity' | 'infra_error';
  /** In words. */
  readonly why: string;
  /** `capacity` that may never come: the plan may have none. */
  readonly mayBeForEver?: true;
}

/** What a device is made ready for. */
export interface NextLease {
  readonly orgId: string;
  readonly all?: boolean;
}

/** A device runs one test at a time. */
export interface Device {
  /** Sent to the server at the registration; the name is unique within the agent. */
  readonly offer: DeviceOffer;
  /** Variables by which its tests find it. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Variables by which the tests of one lease find it, or their app on it, beside `env`. Absent: there are none.
   */
  readonly envFor?: (use: DeviceUse) => Readonly<Record<string, string>>;
  /** Looks whether it can be used, within seconds, and never throws. `isBusy`: a lease runs on it. Absent: it always can. */
  readonly examine?: (isBusy?: boolean) => Promise<Fault | undefined>;
  /**
   * Whether it, and not the test, is to blame for an attempt that did not pass. Never throws. Undefined, or absent: that
   * cannot be said of it.
   */
  readonly blame?: (failed: FailedAttempt) => Promise<DeviceBlame | undefined>;
  /** Puts an app on it. Absent: its frameworks do that, or nothing is to be done. */
  readonly install?: (
    app: AppFile,
    options: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ) => Promise<DeviceInstall>;
  /**
   * Whether the app as it installed it last is still on it: a test may have removed it, or put another version in its place.
   * Cheap; false where that cannot be told. Absent: it is.
   */
  readonly stillHasApp?: () => Promise<boolean>;
  /**
   * Before anything else installs the app of a lease: it is removed then as one that the device has installed. Absent:
   * `reset` needs no such note.
   */
  readonly noteApp?: (app: AppFile) => Promise<void>;
  /** Whether some install of the app is on it, whoever made it. Cheap. Undefined, or absent: that cannot be told. */
  readonly hasApp?: (app: AppFile) => Promise<boolean | undefined>;
  /**
   * Before each lease: removes what earlier leases of other orgs left on it; with `all` those of its own org too, since a
   * person had it in between. Throws, with words, where it could not.
   */
  readonly reset?: (next: NextLease) => Promise<void>;
  /**
   * Records an attempt, from the moment of the call on. The test does not wait for the answer, so it may begin a moment
   * earlier. Undefined: there is nothing to record. Throws, with words, where it cannot: that costs no verdict.
   */
  readonly record?: (attempt: RecordedAttempt) => Promise<Recording | undefined>;
  /** Ends what was started for it. Called once, when the agent ends. Never throws. */
  readonly dispose?: () => Promise<void>;
}

/** What drivers use of the host. */
export interface DeviceHost {
  /** The environment that programs start from. */
  readonly env: Readonly<Record<string, string>>;
  readonly locks: Pick<HostLocks, 'tryLock'>;
  /** Epoch ms. */
  readonly clock: () => number;
  /** How long a device may take to answer a look, in ms. */
  readonly lookMs: number;
  /** For what a later start of this agent must know. Absolute; it may not be there. */
  readonly folder: string;
  /** Marks processes: a later start of this agent ends those that were left. A folder, made before the first of them. */
  readonly marker: string;
  /** False: it is only looked at. Nothing is started, ended or removed, on the host and on devices. */
  readonly mayChange: boolean;
  /** Begins the names of what this agent leaves elsewhere for a while, so that a later start knows its own. */
  readonly prefix: string;
  /** Absent: there is no account. */
  readonly browserstack?: StackHost;
}

/**
 * Drives one kind of device. `open` makes the devices of one entry of the configuration; `number` gives the next
 * free number within a target.
 */
export interface Driver<Entry> {
  open(entry: Entry, number: () => number): Device[];
}

/** One device and the app that this process put on it. */
export interface Slot {
  readonly device: Device;
  /** The app that is on it; undefined: none, or not known. */
  installed: Installed | undefined;
  /** What is known of the device's health. */
  readonly health: DeviceHealth;
  /** A lease runs on it. */
  isBusy: boolean;
  /** One look at the device at a time. */
  lastLook: Promise<unknown>;
  /** What put it there: a framework by its install command, or the `device`; undefined where neither did. */
  installedBy: string | undefined;
  /** Once a framework had installed it, the device saw it: it can say whether it is still there. */
  isSeen: boolean;
  /** The app during whose last install the device went away; undefined: the last install had an end. */
  lostIn: Installed | undefined;
  /** It went away during the last reset. */
  isLostInReset: boolean;
  /** For what an install leaves behind, a real path; undefined: not made yet. */
  folder: string | undefined;
}

export const openSlot = (device: Device): Slot => ({
  device,
  health: new DeviceHealth(),
  isBusy: false,
  lastLook: Promise.resolve(),
  installed: undefined,
  installedBy: undefined,
  isSeen: false,
  lostIn: undefined,
  isLostInReset: false,
  folder: undefined,
});

/** The installer that the device itself is. */
export const deviceInstaller = 'device';

/** True when this installer has put the lease's app on the device. */
export function hasInstalled(slot: Slot, lease: Lease, installer: string): boolean {
  return (
    slot.installedBy === installer &&
    slot.installed?.org_id === lease.org_id &&
    slot.installed.app_version_id === lease.app_version_id
  );
}
