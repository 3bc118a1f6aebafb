import { withRetry } from '../../client/index.ts';
import { cleanText, cutText } from '../../protocol/clean-text.ts';
import { formatDuration } from '../../protocol/durations.ts';
import type { InstalledReport } from '../../protocol/shapes/agent.ts';
import { deviceInstaller, hasInstalled } from '../devices/device.ts';
import { renewDeviceFolder } from '../devices/device-folder.ts';
import { patientRule } from '../loops/outage-log.ts';
import { FormSender } from '../spool/form-sender.ts';
import { hasApp, type Installer, installerOf, noteApp } from './installers.ts';
import type { LeaseWork } from './lease-work.ts';

/** Whether the device is ready for the first test. */
export type Installation =
  | { readonly is: 'ready'; readonly uncounted: number }
  /** It has no result: it was ended, or the device was lost. */
  | { readonly is: 'stopped' }
  | {
      readonly is: 'failed';
      readonly class: NonNullable<InstalledReport['error_class']>;
      readonly why: string;
      readonly installs: number;
    };

/**
 * Puts the app on the device once, where the framework has a command for that or the device can install the file of the app,
 * and reports it when the server asked for it. The server asks by what it knows of the device. This process also knows what
 * installed the app, and installs again after a framework that "installed" without doing anything. That install is
 * `uncounted`: it is reported with the first job.
 */
export async function installApp(work: LeaseWork): Promise<Installation> {
  const { lease, slot } = work;
  const installer = installerOf(work);
  await noteApp(work, installer);
  const needed = installer !== undefined && (lease.install || !(await isThere(work, installer)));
  if (!needed && !lease.install) return { is: 'ready', uncounted: 0 };
  // Until the install has ended, no app is known to be there.
  slot.installed = undefined;
  slot.installedBy = undefined;
  slot.isSeen = false;
  await renewDeviceFolder(work.deviceDir);
  await work.space.give(work.deviceDir);
  const report: InstalledReport | undefined = needed
    ? await runInstall(work, installer)
    : { ok: true, duration_ms: 0, installs: 0 };
  if (report === undefined) return { is: 'stopped' };
  if (lease.install && !(await reportInstall(work, report))) return { is: 'stopped' };
  const { ok, error_class, error = 'the install failed', installs = 0 } = report;
  if (!ok) return { is: 'failed', class: error_class ?? 'install_failed', why: error, installs };
  slot.installed = { org_id: lease.org_id, app_version_id: lease.app_version_id };
  slot.installedBy = needed ? installer.name : undefined;
  slot.isSeen = needed && installer.name !== deviceInstaller && (await hasApp(work)) === true;
  return { is: 'ready', uncounted: lease.install ? 0 : installs };
}

/** A test may have removed what was installed. A command may install something else than the registered app. */
async function isThere(work: LeaseWork, { name }: Installer): Promise<boolean> {
  const { slot, lease } = work;
  if (!hasInstalled(slot, lease, name)) return false;
  if (name === deviceInstaller) return (await slot.device.stillHasApp?.()) !== false;
  return !slot.isSeen || (await hasApp(work)) !== false;
}

/** False when the report was not taken: the lease is lost, or the server stayed away. */
async function reportInstall({ agent, lease, live }: LeaseWork, body: InstalledReport): Promise<boolean> {
  const leaving = agent.stop.afterDrain(agent.timing.leaveMs);
  const signal = AbortSignal.any([live.lost, agent.stop.kill, leaving.signal]);
  const once = live.client.with({ forMs: 0 });
  const sender = new FormSender(reportForms(body), (form) =>
    once.call('reportInstalled', { params: { id: lease.lease_id }, body: form, signal }),
  );
  const rule = patientRule(agent, `the install of ${lease.app_version_id} was not taken`, sender);
  try {
    await withRetry(() => sender.try(), true, rule, signal);
    agent.outages.over(sender);
    return true;
  } catch (error) {
    agent.say(`the install of ${lease.app_version_id} was not taken: ${(error as Error).message}`);
    return false;
  } finally {
    agent.outages.drop(sender);
    leaving.clear();
  }
}

/** As it is, then with less and without any text of the installer, which something on the way may not let through. */
function reportForms({ error, ...body }: InstalledReport): InstalledReport[] {
  if (error === undefined) return [body];
  return [{ ...body, error }, { ...body, error: cutText(error, 300) }, body];
}

/** Undefined: it was stopped, and its result is of no use. */
async function runInstall(work: LeaseWork, installer: Installer): Promise<InstalledReport | undefined> {
  const { agent, slot, lease } = work;
  const from = agent.now();
  const end = await installer.run();
  if (end === undefined) return undefined;
  const durationMs = Math.round(agent.now() - from);
  const done = `${end.ok ? 'installed' : 'install failed'} ${lease.app_version_id}`;
  agent.say(`${slot.device.offer.name}  ${done}  ${formatDuration(durationMs)}`);
  agent.traces.installed(lease.lease_id, durationMs, end.ok ? undefined : end.class);
  const report = { ok: end.ok, duration_ms: durationMs, installs: end.installs };
  if (end.ok) return report;
  return { ...report, error_class: end.class, error: cutText(agent.redact(cleanText(end.why)), 20_000) };
}
