import { QgjobError } from '../../../protocol/errors.ts';
import { adviceOf } from '../../../protocol/quarantine-advice.ts';
import type { WebhookMessage } from '../../../protocol/shapes/webhook.ts';
import { whyBenched } from '../attempts/index.ts';
import { type FoundByHunt, toHunt, toQuarantine } from '../ledger/index.ts';
import { findRun } from '../runs/index.ts';
import type { Deps } from '../store/deps.ts';
import { readJob } from '../store/read-job.ts';
import { toInstant, toRun } from '../store/to-wire.ts';
import type { Claimed } from './claim-rows.ts';

/**
 * What a webhook is told, from the rows as they are: runs and jobs that are final do not change. Undefined where the run was
 * deleted meanwhile.
 */
export async function webhookMessage(deps: Deps, row: Claimed): Promise<WebhookMessage | undefined> {
  const timestamp = toInstant(row.createdAt);
  const viewer = { orgId: row.orgId };
  try {
    if (row.kind === 'run.finished') {
      const run = toRun(await findRun(deps, row.subject, viewer), deps.settings.publicUrl);
      return { type: row.kind, timestamp, data: { run } };
    }
    if (row.kind === 'job.finished') {
      // A job may have thousands of tests; who needs them asks for the job.
      const job = { ...(await readJob(deps, row.subject, viewer)), tests: null };
      return { type: row.kind, timestamp, data: { job } };
    }
    if (row.kind === 'quarantine.hunted' || row.kind === 'quarantine.ends')
      return await quarantineMessage(deps, row, row.kind);
    return { type: 'device.benched', timestamp, data: { device: benchedDevice(row) } };
  } catch (error) {
    if (error instanceof QgjobError && error.code === 'not_found') return undefined;
    throw error;
  }
}

/** The quarantine as it is; of one that ended or got another end meanwhile, no end is told. */
async function quarantineMessage(
  deps: Deps,
  { subject, data, createdAt }: Claimed,
  type: 'quarantine.hunted' | 'quarantine.ends',
): Promise<WebhookMessage | undefined> {
  const [row] = await deps.sql.read('SELECT * FROM quarantines WHERE id = ?', [subject]);
  if (!row) return undefined;
  const is = toQuarantine(row, deps.now());
  const told = JSON.parse(String(data));
  if (type === 'quarantine.ends' && (is.status === 'ended' || Number(row.ends_at) !== told.ends_at))
    return undefined;
  // Another hunt may have ended since; and the row is as old as its first try, not as what it tells.
  const quarantine = type === 'quarantine.ends' ? is : { ...is, hunt: toHunt(told as FoundByHunt) };
  const timestamp = toInstant(type === 'quarantine.ends' ? createdAt : told.ended_at);
  return { type, timestamp, data: { quarantine, advice: adviceOf(quarantine) } };
}

interface BenchedData {
  readonly agent_id: string;
  readonly name: string;
  readonly target: string;
  readonly fault: string | null;
  readonly blame: string | null;
  readonly strikes: number;
  readonly strike_error: string | null;
  readonly benched_until: number | null;
}

/** As the trigger saw it: it may be in use again by now. */
function benchedDevice({ subject, data }: Claimed) {
  const { agent_id, name, target, ...was } = JSON.parse(String(data)) as BenchedData;
  const lasting = was.fault ?? was.blame;
  const until = lasting === null ? was.benched_until : null;
  return {
    ...{ device_id: subject, agent_id, name, target },
    reason: lasting ?? whyBenched(was.strikes, was.benched_until ?? 0, was.strike_error),
    until: until === null ? null : toInstant(until),
  };
}
