import { type Rules, rulesAtAnyTime, rulesAtTheEnd } from '../faults/broken-rules.ts';

/** What the rows say twice, and no rule of the queue's model looks at. Hold at any time. */
const twiceSaid: Rules = {
  'groups sum the predicted work of their queued jobs': `SELECT g.id FROM groups g WHERE g.queued_ms <>
     (SELECT coalesce(sum(estimate_ms), 0) FROM jobs WHERE group_id = g.id AND status = 'queued')`,
  'pools weigh what their batches with queued jobs weigh': `SELECT p.id, p.queued_weight FROM pools p WHERE abs(p.queued_weight -
     (SELECT coalesce(sum(weight), 0) FROM batches WHERE pool_id = p.id AND queued > 0)) > 0.000001`,
  'pools weigh the batches that their clock has not passed': `SELECT p.id, p.virtual_weight FROM pools p WHERE abs(p.virtual_weight -
     (SELECT coalesce(sum(weight), 0) FROM batches WHERE pool_id = p.id AND virtual = 1)) > 0.000001`,
  'batches know whether a device of their pool holds their app': `SELECT b.id FROM batches b WHERE b.queued > 0 AND b.held <>
     EXISTS (SELECT 1 FROM devices d WHERE d.installed_group_id = b.group_id AND d.pool_id = b.pool_id)`,
  'batches are in a pool of their target': `SELECT b.id FROM batches b JOIN pools p ON p.id = b.pool_id
     WHERE p.target <> b.target OR p.owner NOT IN ('', b.org_id)`,
  'a job is in a batch and a group of its run, target and app': `SELECT j.id FROM jobs j JOIN batches b ON b.id = j.batch_id
     JOIN groups g ON g.id = j.group_id WHERE b.run_id <> j.run_id OR b.group_id <> g.id OR b.target <> j.target
     OR (g.org_id, g.app_version_id, g.target) <> (j.org_id, j.app_version_id, j.target)`,
  'the rev of a run is not before that of its last job': `SELECT r.id, r.rev FROM runs r WHERE r.rev <
     (SELECT max(rev) FROM jobs WHERE run_id = r.id)`,
  'all transitions are counted': `SELECT seq FROM counted_events WHERE seq < (SELECT max(seq) FROM events WHERE was IS NOT NULL)`,
  'the figures are not ahead of the events': `SELECT seq FROM figures_cursor WHERE seq > (SELECT max(seq) FROM events)`,
  'the ledger is not ahead of the events': `SELECT seq FROM ledger_cursor WHERE seq > (SELECT max(seq) FROM events)`,
  'the sums of a test are those of its days': `SELECT t.id FROM tests t WHERE (t.passed, t.flaky, t.failed) <>
     (SELECT coalesce(sum(d.value ->> 1), 0), coalesce(sum(d.value ->> 2), 0), coalesce(sum(d.value ->> 3), 0) FROM json_each(t.days) d)`,
  'a device belongs to an agent and a pool of its target': `SELECT d.id FROM devices d LEFT JOIN agents a ON a.id = d.agent_id
     LEFT JOIN pools p ON p.id = d.pool_id WHERE a.id IS NULL OR p.target IS NOT d.target OR p.owner <> d.owner OR a.owner <> d.owner`,
  'a live lease is on a device of its agent': `SELECT l.id FROM leases l LEFT JOIN devices d ON d.id = l.device_id
     WHERE l.state = 'active' AND d.agent_id IS NOT l.agent_id`,
  'a file belongs to an attempt': `SELECT f.id FROM artifacts f LEFT JOIN attempts a ON a.job_id = f.job_id AND a.attempt = f.attempt
     WHERE a.job_id IS NULL`,
  'an attempt is one of a job': `SELECT a.job_id, a.attempt FROM attempts a LEFT JOIN jobs j ON j.id = a.job_id WHERE j.id IS NULL`,
  'a deleted run leaves its batches only while it is being deleted': `SELECT b.id FROM batches b WHERE
     NOT EXISTS (SELECT 1 FROM runs r WHERE r.id = b.run_id) AND NOT EXISTS (SELECT 1 FROM pruned_runs p WHERE p.id = b.run_id)`,
  'only the first message of a stream is ready': `SELECT o.seq FROM outbox o WHERE o.ready <>
     NOT EXISTS (SELECT 1 FROM outbox e WHERE e.stream = o.stream AND e.seq < o.seq)`,
  'a deleted run leaves its jobs only while it is being deleted': `SELECT j.id FROM jobs j WHERE
     NOT EXISTS (SELECT 1 FROM runs r WHERE r.id = j.run_id) AND NOT EXISTS (SELECT 1 FROM pruned_runs p WHERE p.id = j.run_id)`,
};

/** Hold at any time, in the middle of all work. */
export const rulesOfSoak: Rules = { ...rulesAtAnyTime, ...twiceSaid };

/** Hold when every run has ended, all agents are gone and the loops had time to follow. */
export const rulesOfItsEnd: Rules = {
  ...rulesAtTheEnd,
  ...twiceSaid,
  'every job is final': 'SELECT id, status FROM jobs WHERE finalized_at IS NULL',
  'no org has open runs': 'SELECT id FROM orgs WHERE active_runs <> 0',
  'no group has work':
    'SELECT id FROM groups WHERE queued + queued_ms + leased + waiting <> 0 OR abs(queued_weight) > 0.000001',
  'no pool has work': 'SELECT id FROM pools WHERE abs(queued_weight) > 0.000001',
  'no message is left': 'SELECT seq FROM outbox',
  'no client is waited for': 'SELECT run_id FROM run_watches',
  'the figures know of every event': `SELECT seq FROM figures_cursor WHERE seq <> (SELECT max(seq) FROM events)`,
  'the ledger knows of every event': `SELECT seq FROM ledger_cursor WHERE seq <> (SELECT max(seq) FROM events)`,
};

/** Holds once the server was up for longer than it takes to delete what is due. */
export const rulesOfRetention: Rules = {
  'nothing is half deleted for long': `SELECT id FROM pruned_runs WHERE pruned_at < (SELECT max(at) FROM events) - 60000`,
  'no run is kept much longer than a day': `SELECT id FROM runs WHERE finished_at < (SELECT max(at) FROM events) - 86700000`,
  'no lease is kept much longer than a day': `SELECT id FROM leases WHERE ended_at < (SELECT max(at) FROM events) - 86700000`,
  'no event is kept much longer than a day': `SELECT seq FROM events WHERE at < (SELECT max(at) FROM events) - 86700000`,
};
