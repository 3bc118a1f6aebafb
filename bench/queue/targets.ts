import { median } from '../stats.ts';
import type { SideFigures } from './measure-side.ts';
import type { Measured, TargetResult } from './report.ts';

interface Target {
  readonly id: string;
  readonly what: string;
  readonly atLeast?: number;
  readonly atMost?: number;
  /** The figure of each round. */
  readonly values: (measured: Measured) => number[];
}

type Figure = keyof SideFigures;

/** One side's figure over another's, round by round, since both were measured under the same conditions of the disk. */
const ratios =
  (figure: Figure, one: string, other: string) =>
  ({ rounds }: Measured): number[] =>
    rounds.map((round) => (round[one]?.[figure] ?? Number.NaN) / (round[other]?.[figure] ?? Number.NaN));

/** Without `atLeast` it is only shown beside the targets. */
const drained = (id: string, side: string, atLeast?: number): Target => ({
  id,
  what: `lease and finish, over ${side}`,
  ...(atLeast !== undefined && { atLeast }),
  values: ratios('drained_per_s', 'qgjob', side),
});

/** Peers behind the same HTTP as ours, with a store that is on disk before each answer. */
const durablePeers = ['bullmq http', 'plainjob full http', 'pg-boss http', 'graphile http'];
/** Those whose last jobs a power cut may take back: only shown. */
const otherPeers = ['plainjob http', 'bunqueue http'];

const behindHttp: readonly Target[] = [...durablePeers, ...otherPeers].flatMap((side) => {
  const atLeast = durablePeers.includes(side) ? 1 : undefined;
  return [
    {
      id: `submit ${side}`,
      what: `submits, over ${side}`,
      ...(atLeast !== undefined && { atLeast }),
      values: ratios('submits_per_s', 'qgjob', side),
    },
    drained(`drain ${side}`, side, atLeast),
  ];
});

/** Both verbs of ours on a libSQL server, over ours on a file; and of two servers over one. */
const onSqld: readonly Target[] = [
  ['qgjob sqld', 'qgjob'],
  ['qgjob sqld x2', 'qgjob sqld'],
].flatMap(([one = '', other = '']) => [
  { id: '', what: `submits of ${one}, over ${other}`, values: ratios('submits_per_s', one, other) },
  { id: '', what: `lease and finish of ${one}, over ${other}`, values: ratios('drained_per_s', one, other) },
]);

/** The time with the most queued rows over the time with the fewest. */
function depthRatios({ depth, sizes }: Measured): number[] {
  const [first, last] = [sizes.depths[0], sizes.depths.at(-1)].map((rows) => depth[String(rows)] ?? []);
  return (first ?? []).map((one, round) => (last?.[round]?.p50_ms ?? Number.NaN) / one.p50_ms);
}

const targets: readonly Target[] = [
  {
    id: 'submit',
    what: 'submit over HTTP, over the same without a database',
    atLeast: 0.5,
    values: ratios('submits_per_s', 'qgjob', 'floor'),
  },
  {
    id: 'bulk',
    what: 'bulk submit, time over that of one raw insert',
    atMost: 4,
    values: ratios('bulk_ms', 'qgjob', 'raw insert'),
  },
  ...behindHttp,
  ...onSqld,
  drained('plainjob', 'plainjob', 2),
  drained('bullmq', 'bullmq', 2.5),
  drained('graphile', 'graphile default', 6),
  drained('pg-boss', 'pg-boss single', 8),
  drained('pg-boss-batches', 'pg-boss'),
  drained('graphile-tuned', 'graphile tuned'),
  {
    id: 'pickup-p50',
    what: 'pickup p50, over bullmq',
    atMost: 1.3,
    values: ratios('pickup_p50_ms', 'qgjob', 'bullmq'),
  },
  {
    id: 'pickup-p99',
    what: 'pickup p99, over bullmq',
    atMost: 1,
    values: ratios('pickup_p99_ms', 'qgjob', 'bullmq'),
  },
  { id: 'depth', what: 'choose and take p50, most rows over fewest', atMost: 1.5, values: depthRatios },
  {
    id: 'poll-memory',
    what: 'a long poll, KiB',
    atMost: 25,
    values: ({ polls }) => polls.map((one) => one.kib_per_poll),
  },
  {
    id: 'poll-submit',
    what: 'submits/s with the long polls, over without',
    atLeast: 0.8,
    values: ({ polls }) => polls.map((one) => one.submits_per_s_with_polls / one.submits_per_s),
  },
  {
    id: 'poll-pickup',
    what: 'pickup speed with the long polls, over without',
    atLeast: 0.8,
    values: ({ polls }) => polls.map((one) => one.pickup_p50_ms / one.pickup_p50_ms_with_polls),
  },
  {
    id: 'poll-pickup-same',
    what: 'the same where all wait in the pool of the job',
    atLeast: 0.8,
    values: ({ polls }) => polls.map((one) => one.pickup_p50_ms / one.pickup_p50_ms_same_pool),
  },
];

/** For each target that was measured: whether it is met. */
export const checkTargets = (measured: Measured): TargetResult[] =>
  targets.flatMap((target) => {
    const rounds = target.values(measured).filter((value) => !Number.isNaN(value));
    return rounds.length === 0 ? [] : [toResult(target, rounds)];
  });

function toResult({ id, what, atLeast, atMost }: Target, rounds: readonly number[]): TargetResult {
  const figure = median(rounds);
  if (atLeast === undefined && atMost === undefined) return { what, target: '', figure, rounds };
  const isMet = figure >= (atLeast ?? figure) && figure <= (atMost ?? figure);
  return {
    what,
    target: atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`,
    figure,
    rounds,
    isMet,
    ...(!isMet && { why: whyMissed[id] }),
  };
}

/** What ours does for a job that the peers do not; most of it is SQL. */
const ourWork =
  'A job of ours is two transitions with their events, an attempt with its fence, counters and estimates, chosen between ' +
  'groups';

/** Of lease and finish, over a peer in the measuring process. */
const drainInProcess =
  `the peer works in process; ours answers over HTTP, with zod, tokens and JSON, all in one process on one core. ${ourWork}. ` +
  'Many verdicts share a commit: the slower the disk, the better the ratio.';

/** Of lease and finish, over a peer behind the same HTTP. `itsWork`: what a job is to it. */
const drainOverHttp = (itsWork: string): string =>
  'both answer the same calls, but its server and its store are processes of their own and use more than one core, ours is ' +
  `one process on one core. ${ourWork}; ${itsWork}.`;

/** Of submits, over a peer behind the same HTTP. */
const submitOverHttp = (itsWork: string): string =>
  'both answer the same calls, but its store is a process of its own, on another core, ours is in the one process. A submit ' +
  `of ours is a run, a batch, a job, an event and an idempotency key in SQL, with all their indexes; ${itsWork}.`;

const plainjobWork =
  'plainjob has no server of its own and writes one row, without events, fences or tenants';
const submitWhy = {
  bullmq:
    'BullMQ writes a record, an entry of a list and an event in memory, appended to a file by one fsync for all commands of ' +
    'a turn',
  postgres: 'its submit is one row, and PostgreSQL groups the commits of its connections',
};

/** Why a target is missed, by its id, if that is known whatever the machine; printed beside it. */
const whyMissed: Readonly<Record<string, string>> = {
  submit:
    'a submit stores a run, a batch, a job and an event with all their indexes, and waits for the disk, once for all ' +
    'submits of a turn. The floor does neither.',
  'submit bullmq http': submitOverHttp(submitWhy.bullmq),
  'submit pg-boss http': submitOverHttp(submitWhy.postgres),
  'submit graphile http': submitOverHttp(submitWhy.postgres),
  'submit plainjob full http': `both are one process with SQLite. ${plainjobWork}.`,
  'drain bullmq http': drainOverHttp('BullMQ moves one record between lists'),
  'drain pg-boss http': drainOverHttp('pg-boss changes one row twice'),
  'drain graphile http': drainOverHttp('graphile-worker changes one row and deletes it'),
  'drain plainjob full http': `both are one process with SQLite. ${ourWork}; ${plainjobWork}.`,
  plainjob: drainInProcess,
  bullmq: drainInProcess,
  graphile: drainInProcess,
  'pg-boss': drainInProcess,
  'pickup-p50':
    'two commits one after the other, each with its wait for the disk, two calls over HTTP, and the reads of the choice; a ' +
    'worker in process blocks on Redis.',
  'pickup-p99': 'as p50; and a commit that meets a checkpoint of the log waits for it.',
  'poll-pickup-same':
    'the choice reads all devices of the pool, and a submit counts them: made for pools of hundreds.',
};
