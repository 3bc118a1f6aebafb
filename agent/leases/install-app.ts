import { formatDuration } from '../../protocol/durations.ts';
import type { InstalledReport } from '../../protocol/shapes/agent.ts';
import { OutputTail } from '../children/output-tail.ts';
import { type ChildEnd, runChild } from '../children/run-child.ts';
import { commandExits } from '../frameworks/command.ts';
import { cleanText } from '../reports/clean-text.ts';
import { installRequest } from './child-request.ts';
import type { LeaseWork } from './lease-work.ts';
import { hasInstalled } from './slot.ts';

/** How the device stands before the first test. `failed` says why it does not. */
export type Installation = { readonly ready: true; readonly uncounted: number } | { readonly failed: string };

/**
 * Puts the app on the device once, where the framework has a command for that, and tells the server when it asked.
 * It asks by what it knows of the device; this process knows in addition by which framework the app got there, and
 * runs the command also where another one "installed" without doing anything. That install is `uncounted`: it is
 * reported with the first job.
 */
export async function installApp(work: LeaseWork): Promise<Installation> {
  const { lease, slot, preset } = work;
  const needed = preset.install !== undefined && (lease.install || !hasInstalled(slot, lease, preset.name));
  if (!needed && !lease.install) return { ready: true, uncounted: 0 };
  const report = needed ? await runInstall(work) : { ok: true, duration_ms: 0, installs: 0 };
  if (report === undefined) return { failed: 'stopped' };
  remember(work, report.ok, needed);
  if (lease.install) await tellServer(work, report);
  if (!report.ok) return { failed: report.error ?? 'the install failed' };
  return { ready: true, uncounted: lease.install ? 0 : (report.installs ?? 0) };
}

function remember({ slot, lease, preset }: LeaseWork, ok: boolean, ran: boolean): void {
  slot.installed = ok ? { org_id: lease.org_id, app_version_id: lease.app_version_id } : undefined;
  slot.installedBy = ok && ran ? preset.name : undefined;
}

async function tellServer({ agent, lease, live }: LeaseWork, body: InstalledReport): Promise<void> {
  await agent.client.call('reportInstalled', { params: { id: lease.lease_id }, body, signal: live.lost });
}

/** Undefined: it was stopped, and nobody waits for its result. */
async function runInstall(work: LeaseWork): Promise<InstalledReport | undefined> {
  const { agent, slot, lease, preset } = work;
  const request = await installRequest(work);
  const command = preset.install?.(request);
  if (!command) return undefined;
  const tail = new OutputTail();
  const end = await runChild(command, {
    onOutput: (bytes) => tail.add(bytes),
    timeoutMs: agent.timing.installMs,
    stop: work.live.begin(),
    kill: agent.stop.kill,
    ownSignal: preset.ownSignal,
    ladder: agent.timing.ladder,
  });
  if (end.stopped === 'lost' || end.stopped === 'interrupted') return undefined;
  const failure = installFailure(end, agent.timing.installMs);
  const device = slot.device.offer.name;
  agent.say(
    `${device}  ${failure ? 'install failed' : 'installed'} ${lease.app_version_id}  ${formatDuration(end.durationMs)}`,
  );
  if (!failure) return { ok: true, duration_ms: end.durationMs, installs: 1 };
  const error = cleanText(agent.redact([failure.why, tail.lines()].filter(Boolean).join(':\n')), 20_000);
  return { ok: false, duration_ms: end.durationMs, installs: 1, error_class: failure.class, error };
}

/** Undefined when it worked. */
export function installFailure(
  end: ChildEnd,
  limitMs: number,
): { readonly class: 'install_failed' | 'infra_error'; readonly why: string } | undefined {
  if (end.stopped === 'timeout') {
    return { class: 'install_failed', why: `the install took longer than ${formatDuration(limitMs)}` };
  }
  if (end.failure !== undefined) return { class: 'install_failed', why: end.failure };
  if (end.code === 0) return undefined;
  const why =
    end.code === null ? `the install was ended by ${end.signal}` : `the install exited with ${end.code}`;
  return { class: end.code === commandExits.infraError ? 'infra_error' : 'install_failed', why };
}
