import { oneLine } from '../../protocol/clean-text.ts';
import type { Agent, Device, Group } from '../../protocol/shapes/fleet.ts';
import { clockOf } from '../borrow/clock-of.ts';
import { inColour } from '../output/colour.ts';
import { atSecond } from '../output/job-table.ts';
import { formatTable } from '../output/table.ts';

type Row = readonly string[];

/** A table whose column `status` has the colours of its words. */
function table(rows: readonly Row[], status: number | undefined, cuttable: readonly number[]) {
  return (width: number | undefined): string[] =>
    rows.length < 2
      ? []
      : formatTable(
          rows.map((row) => row.map(oneLine)),
          {
            width,
            cuttable,
            dress: (cell, y, x) => (y > 0 && x === status ? inColour(cell.trim(), cell) : cell),
          },
        );
}

/** What a device does now, or why it does nothing, is last, since it may be long. */
export function deviceTable(
  devices: readonly Device[],
  agents: readonly Agent[],
  width: number | undefined,
): string[] {
  const names = new Map(agents.map((agent) => [agent.agent_id, agent.name]));
  const rows = devices.map((device) => [
    device.name,
    names.get(device.agent_id) ?? device.agent_id,
    device.target,
    device.status,
    device.installed?.app_version_id ?? '',
    whyNone(device) ?? device.job_id ?? '',
  ]);
  const title = ['DEVICE', 'AGENT', 'TARGET', 'STATUS', 'APP VERSION', 'JOB, OR WHY NONE'];
  return table([title, ...rows], 3, [5, 4, 1, 0])(width);
}

/** `until 14:30 (in 25 min), by ana: the sign-in hangs`. */
function whyNone({
  status_reason: reason,
  borrowed_until: until,
  borrowed_by: by,
  borrow_note: note,
}: Device) {
  if (reason || !until) return reason;
  return [`until ${clockOf(until)}`, by && `, by ${by}`, note && `: ${note}`].filter(Boolean).join('');
}

export function agentTable(agents: readonly Agent[], width: number | undefined): string[] {
  const rows = agents.map((agent) => [
    agent.name,
    agent.status,
    String(agent.devices.length),
    agent.version,
    atSecond(agent.last_seen_at),
  ]);
  return table([['AGENT', 'STATUS', 'DEVICES', 'VERSION', 'LAST SEEN'], ...rows], 1, [0])(width);
}

export function groupTable(groups: readonly Group[], width: number | undefined): string[] {
  const rows = groups.map((group) => [
    group.app_version_id,
    group.target,
    group.org_id,
    String(group.queued),
    String(group.running),
    String(group.devices.length),
    group.oldest_submitted_at === null ? '' : atSecond(group.oldest_submitted_at),
  ]);
  const title = ['APP VERSION', 'TARGET', 'ORG', 'QUEUED', 'RUNNING', 'DEVICES', 'OLDEST SUBMITTED'];
  return table([title, ...rows], undefined, [0, 1, 2])(width);
}
