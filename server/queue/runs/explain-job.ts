import type { Row } from '@libsql/client';
import { cutText } from '../../../protocol/clean-text.ts';
import type { Block, Why } from '../../../protocol/shapes/why.ts';
import type { BlockReason } from '../../../protocol/states.ts';
import { type Candidate, spreadOf } from '../../scheduling/choose.ts';
import { believedSetupMs, unknownSetupMs } from '../../scheduling/virtual-time.ts';
import { groupWorkMs, isGuessed } from '../dispatch/index.ts';
import { deviceMay, isOnline, readPool } from '../fleet/index.ts';
import { type Deps, onlineSince } from '../store/deps.ts';
import { huntPriority } from '../store/hunt-priority.ts';
import { liveLeases } from '../store/org-may.ts';
import { findJob } from '../store/read-job.ts';
import type { JobRow } from '../store/rows.ts';
import { toInstant } from '../store/to-wire.ts';
import type { Viewer } from '../store/viewer.ts';

// The jobs before this one: the batches of its pool with a lower tag, and those before it in its own batch.
const before = `FROM batches ahead
  WHERE ahead.pool_id = b.pool_id AND ahead.queued > 0 AND (ahead.tag, ahead.id) < (b.tag, b.id)`;
const ownBefore = `FROM jobs j WHERE j.batch_id = b.id AND j.status = 'queued'
  AND (j.sort_key, j.seq) < (?4, ?6)`;

// The host of the device has something that the code needs in use for another run.
const cannotRun = 'b.source_hash IN (SELECT value FROM json_each(d.busy_sources))';

/**
 * The batch of the job, its org and its pool. SEARCH b USING INTEGER PRIMARY KEY. The work ahead is summed over the
 * batches of the pool, not over jobs.
 */
const placeSql = `SELECT o.id AS org, o.paused_at, o.max_leases,
    b.target IN (SELECT value FROM json_each(o.paused_targets)) AS is_target_paused,
    ${liveLeases} AS org_leases,
    b.id AS batch_id, b.pool_id, b.group_id, b.tag, b.due_at, b.weight, ${isGuessed} AS guessed, b.held, b.unoffered_until, g.setup_ms,
    max(g.queued_weight, b.weight) AS group_weight, g.queued AS jobs, ${groupWorkMs} AS work_ms,
    (SELECT coalesce(sum(ahead.queued), 0) ${before}) AS ahead,
    (SELECT coalesce(sum(ahead.queued_ms), 0) ${before}) AS ahead_ms,
    (SELECT count(*) ${ownBefore}) AS own_ahead,
    (SELECT coalesce(sum(j.estimate_ms), 0) ${ownBefore}) AS own_ahead_ms,
    count(d.id) AS online,
    coalesce(sum(d.is_fit), 0) AS fit,
    coalesce(sum(d.is_fit AND d.id IS NOT ?5), 0) AS others,
    coalesce(sum(d.is_fit AND d.installed_group_id IS b.group_id), 0) AS holders,
    group_concat(d.name || ': ' || coalesce(d.fault, d.blame), '; ') AS faults,
    coalesce(sum(d.lent_until IS NOT NULL), 0) AS lent, min(d.lent_until) AS lent_until,
    json_group_array(iif(d.lent_org IS NOT NULL AND (?7 IS NULL OR d.lent_org = ?7), d.lent_to, NULL)) AS lent_to,
    coalesce(sum(d.is_fit AND ${cannotRun}), 0) AS hosts_busy,
    coalesce(sum(d.is_fit AND (${cannotRun} OR EXISTS (SELECT 1 FROM leases l WHERE l.device_id = d.id AND l.state = 'active'))), 0)
      AS not_free
  FROM batches b CROSS JOIN orgs o ON o.id = b.org_id CROSS JOIN groups g ON g.id = b.group_id
    LEFT JOIN (SELECT d.*, ${deviceMay('?2')} AS is_fit, w.until AS lent_until, w.org_id AS lent_org, w.borrowed_by AS lent_to
      FROM devices d CROSS JOIN agents a ON a.id = d.agent_id
        LEFT JOIN borrows w ON w.device_id = d.id AND w.status = 'active'
      WHERE d.pool_id = (SELECT pool_id FROM batches WHERE id = ?1) AND ${isOnline('?3')}) d ON d.pool_id = b.pool_id
  WHERE b.id = ?1`;

/** Why a job has not started: its position, what blocks it, and when it should start. Errors: `not_found`. */
export async function explainJob(deps: Deps, id: string, viewer: Viewer): Promise<Why> {
  const job = await findJob(deps, id, viewer);
  const now = deps.now();
  const [place] = await deps.sql.read(placeSql, [
    job.batchId,
    now,
    onlineSince(deps),
    job.sortKey,
    job.avoidDevice,
    job.seq,
    viewer.orgId ?? null,
  ]);
  const blocks = place ? blocksOf(job, place, now) : [];
  const isHunted = job.priority === huntPriority;
  const isQueued = job.status === 'queued' && place !== undefined && !isHunted;
  return {
    job_id: job.id,
    status: job.status as Why['status'],
    position: isQueued ? Number(place.ahead) + Number(place.own_ahead) + 1 : null,
    blocked_by: blocks,
    notes:
      isHunted && job.status === 'queued'
        ? [hunted]
        : isQueued && Number(place.lent) > 0 && Number(place.fit) > 0
          ? [borrowedWords(place)]
          : [],
    starts_in_ms: isQueued ? await startsIn(deps, place, blocks, now) : null,
  };
}

function blocksOf(job: JobRow, place: Row, now: number): Block[] {
  if (job.status === 'waiting' && job.runAt !== null) return [waitingBlock(job, job.runAt)];
  if (job.status !== 'queued') return [];
  const blocks: Block[] = [];
  const add = (reason: BlockReason, message: string, until: number | null = null): void => {
    blocks.push({ reason, message, until: until === null ? null : toInstant(until) });
  };
  if (place.paused_at !== null) add('org_paused', `org ${place.org} is paused`);
  if (place.is_target_paused === 1) add('target_paused', `org ${place.org} is paused on ${job.target}`);
  if (place.max_leases !== null && Number(place.org_leases) >= Number(place.max_leases)) {
    add('org_cap', `org ${place.org} has the ${place.max_leases} leases that it may have at once`);
  }
  if (Number(place.online) === 0) add('no_device', whyNoDevice(job, place));
  else if (Number(place.fit) === 0 && Number(place.lent) > 0) {
    add('devices_borrowed', borrowedWords(place), Number(place.lent_until));
  } else if (Number(place.fit) === 0) {
    const faults = place.faults === null ? '' : ` (${cutText(String(place.faults), mostFaults)})`;
    add('devices_paused', `every device for ${job.target} is paused, benched or draining${faults}`);
  }
  const avoids = job.avoidDevice !== null && job.avoidUntil !== null && job.avoidUntil > now;
  if (avoids && Number(place.others) > 0) {
    add(
      'avoided_device',
      `it failed on ${job.avoidDevice} and waits for another device first`,
      job.avoidUntil,
    );
  }
  if (Number(place.hosts_busy) > 0 && Number(place.not_free) >= Number(place.fit)) add('host_busy', hostBusy);
  return blocks;
}

/** `2 of 3 devices are borrowed by ana, the first until 14:30 UTC`; by whom where the viewer may see that. */
function borrowedWords({ lent, online, lent_until: until, lent_to: names }: Row): string {
  const by = [...new Set((JSON.parse(String(names)) as (string | null)[]).filter((name) => name !== null))];
  const who = by.length === 0 ? '' : ` by ${cutText(by.join(', '), mostFaults)}`;
  const clock = toInstant(Number(until)).slice(11, 16);
  const first = Number(lent) > 1 ? ', the first' : '';
  return `${lent} of ${online} ${online === 1 ? 'device is' : 'devices are'} borrowed${who}${first} until ${clock} UTC`;
}

const hunted = 'it is hunted: it runs where a device has nothing else to do';

/** In UTF-16 units: many phones may be unwell at once. */
const mostFaults = 500;

const hostBusy =
  'another run uses something that its code needs and that its host has once, such as the port of a web server';

/** The job may have the short deadline of a target that no device has ever offered. */
const whyNoDevice = ({ target, queueDeadline }: JobRow, place: Row): string =>
  place.unoffered_until === queueDeadline
    ? `no device has offered ${target} yet; it ends at ${toInstant(queueDeadline)} unless one does`
    : `no device that is online offers ${target}`;

const waits: Record<string, string> = {
  delay: 'it was submitted with a delay',
  backoff: 'it waits after trouble of its device or host',
  install_failed: 'the app could not be installed; it is tried again',
  capacity: "the provider's queue was full",
};

const waitingBlock = (job: JobRow, until: number): Block => ({
  reason: job.waitReason as Block['reason'],
  message: waits[job.waitReason ?? ''] ?? 'it waits',
  until: toInstant(until),
});

/**
 * The predicted wait, ms: the work ahead, shared by the fit devices; an install where no device holds the group; and
 * the jobs before it in its own batch, shared by as many devices as its group would get. Null while something blocks
 * it for an unknown time.
 */
async function startsIn(
  deps: Deps,
  place: Row,
  blocks: readonly Block[],
  now: number,
): Promise<number | null> {
  if (blocks.some((block) => block.until === null)) return null;
  const devices = Math.max(1, Number(place.online));
  const pool = { devices, pinned: 0, ...(await readPool(deps, Number(place.pool_id), devices)) };
  const fit = Math.max(1, Number(place.fit));
  const spread = Math.min(fit, spreadOf(toCandidate(place), pool));
  const setup = place.held === 1 ? 0 : Number(place.setup_ms ?? unknownSetupMs);
  const work = Number(place.ahead_ms) / fit + setup + Number(place.own_ahead_ms) / spread;
  const blocked = Math.max(0, ...blocks.map((block) => Date.parse(block.until ?? '') - now));
  return Math.round(Math.max(blocked, work));
}

const toCandidate = (place: Row): Candidate => ({
  batchId: Number(place.batch_id),
  groupId: Number(place.group_id),
  tag: Number(place.tag),
  dueAt: Number(place.due_at),
  weight: Number(place.weight),
  groupWeight: Number(place.group_weight),
  holders: Number(place.holders),
  jobs: Number(place.jobs),
  workMs: Number(place.work_ms),
  setupMs: believedSetupMs(place.setup_ms as number | null, place.guessed === 1),
});
