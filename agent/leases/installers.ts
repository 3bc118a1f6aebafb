import { readApp } from '../../client/apps/read-app.ts';
import { formatDuration } from '../../protocol/durations.ts';
import { OutputTail } from '../children/output-tail.ts';
import type { ChildEnd } from '../children/run-child.ts';
import { type AppFile, type DeviceInstall, deviceInstaller, type Slot } from '../devices/device.ts';
import { commandExits, describeEnd } from '../frameworks/describe-end.ts';
import { lookHard } from '../loops/watch-devices.ts';
import { installRequest, type LeaseWork, runLeaseChild } from './lease-work.ts';

/** What puts the app of a lease on its device. */
export interface Installer {
  /** The framework, or `device`. */
  readonly name: string;
  /** Undefined: it was stopped, and its result is of no use. */
  run(): Promise<DeviceInstall | undefined>;
}

/** The framework's own command goes first. Undefined: nothing is installed here, the framework brings the app. */
export function installerOf(work: LeaseWork): Installer | undefined {
  const { preset, slot, lease } = work;
  if (preset.install) return { name: preset.name, run: () => runCommand(work) };
  if (preset.installsItself) return undefined;
  const hasFile = lease.app?.size !== undefined;
  return slot.device.install && hasFile ? { name: deviceInstaller, run: () => runDevice(work) } : undefined;
}

/** Tells the device what somebody else is about to install on it: a command, or the framework in the middle of its tests. */
export async function noteApp({ slot, lease, app }: LeaseWork, installer?: Installer): Promise<void> {
  const isOwn = installer?.name === deviceInstaller;
  if (isOwn || lease.app?.size === undefined || !slot.device.noteApp) return;
  await slot.device.noteApp(await fileOf(app));
}

/** Whether the registered app is on the device, whoever put it there. Undefined: that cannot be told. */
export async function hasApp({ slot, lease, app }: LeaseWork): Promise<boolean | undefined> {
  if (lease.app?.size === undefined || !slot.device.hasApp) return undefined;
  return slot.device.hasApp(await fileOf(app)).catch(() => undefined);
}

/** By the file itself: whoever registers a version could name another org's app, which would be uninstalled. */
async function fileOf(path: string): Promise<AppFile> {
  const read = await readApp(path).catch(() => undefined);
  return { path, packageName: read?.packageName };
}

async function runCommand(work: LeaseWork): Promise<DeviceInstall | undefined> {
  const { agent, preset } = work;
  const command = preset.install?.(await installRequest(work));
  if (!command) return undefined;
  const tail = new OutputTail(agent.masks);
  const end = await runLeaseChild(work, command, {
    onOutput: (bytes) => tail.add(bytes),
    timeoutMs: agent.timing.installMs,
    stop: work.live.begin(),
  });
  if (end.stopped === 'lost' || end.stopped === 'interrupted') return undefined;
  const failure = installFailure(end, agent.timing.installMs);
  if (!failure) return { ok: true, installs: 1 };
  const why = [failure.why, tail.lines()].filter(Boolean).join(':\n');
  return { ok: false, installs: 1, class: failure.class, why };
}

async function runDevice(work: LeaseWork): Promise<DeviceInstall | undefined> {
  const { agent, slot, live, app } = work;
  const from = agent.now();
  const stopped = AbortSignal.any([live.begin(), agent.stop.kill]);
  const signal = AbortSignal.any([stopped, slot.health.broke]);
  const file = await fileOf(app);
  const end = await slot.device.install?.(file, { timeoutMs: agent.timing.installMs, signal });
  if (stopped.aborted) return undefined;
  if (!signal.aborted && (end?.ok !== false || end.class === 'build_error')) return ended(slot, end);
  if (!signal.aborted) await lookHard(agent, slot);
  const why = slot.health.brokenSince(from);
  return why === undefined ? ended(slot, end) : goneMeanwhile(work, why, end?.installs ?? 1);
}

function ended(slot: Slot, end: DeviceInstall | undefined): DeviceInstall | undefined {
  slot.lostIn = undefined;
  return end;
}

/**
 * A phone that was gone meanwhile says nothing of the build: the lease is given back. Twice in a row with the same build
 * the build may be what takes the phone away.
 */
function goneMeanwhile({ slot, lease }: LeaseWork, why: string, installs: number): DeviceInstall | undefined {
  const { org_id, app_version_id } = lease;
  const isAgain = slot.lostIn?.org_id === org_id && slot.lostIn.app_version_id === app_version_id;
  slot.lostIn = isAgain ? undefined : { org_id, app_version_id };
  const words = `twice in a row the device was lost while this app was installed on it: ${why}`;
  return isAgain ? { ok: false, installs, class: 'infra_error', why: words } : undefined;
}

/** Why an install failed; undefined when it worked. */
export function installFailure(
  end: ChildEnd,
  limitMs: number,
): { readonly class: 'install_failed' | 'infra_error'; readonly why: string } | undefined {
  if (end.stopped === 'timeout') {
    return { class: 'install_failed', why: `the install took longer than ${formatDuration(limitMs)}` };
  }
  const { kind, how } = describeEnd(end, 'the install');
  if (kind === 'passed') return undefined;
  return { class: end.code === commandExits.infraError ? 'infra_error' : 'install_failed', why: how };
}
