import type { SideFigures } from './measure-side.ts';
import type { Measured, Verdict } from './report.ts';
import { median } from '../stats.ts';
import { whyMissed } from './why-missed.ts';

interface Target {
  readonly id: string;
  readonly what: string;
  readonly atLeast?: number;
  readonly atMost?: number;
  /** The figure of each round. */
  readonly values: (measured: Measured) => number[];
}

type Figure = keyof SideFigures;

/** One side's figure over another's, round by round: what the disk does to one it does to the other. */
const ratios =
  (figure: Figure, one: string, other: string) =>
  ({ rounds }: Measured): number[] =>
    rounds.map((round) => (round[one]?.[figure] ?? Number.NaN) / (round[other]?.[figure] ?? Number.NaN));

/** Without `atLeast` it is shown beside the targets. */
const drained = (id: string, side: string, atLeast?: number): Target => ({
  id,
  what: `lease and finish, over ${side}`,
  ...(atLeast !== undefined && { atLeast }),
  values: ratios('drained_per_s', 'qgjob', side),
});

/** The last over the first of the numbers of queued rows. */
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
    what: 'a held poll, KiB',
    atMost: 25,
    values: ({ polls }) => polls.map((one) => one.kib_per_poll),
  },
  {
    id: 'poll-submit',
    what: 'submits/s with the polls held, over without',
    atLeast: 0.8,
    values: ({ polls }) => polls.map((one) => one.submits_per_s_held / one.submits_per_s),
  },
  {
    id: 'poll-pickup',
    what: 'pickup speed with the polls held, over without',
    atLeast: 0.8,
    values: ({ polls }) => polls.map((one) => one.pickup_p50_ms / one.pickup_p50_ms_held),
  },
  {
    id: 'poll-pickup-same',
    what: 'the same where all wait in the pool of the job',
    atLeast: 0.8,
    values: ({ polls }) => polls.map((one) => one.pickup_p50_ms / one.pickup_p50_ms_same_pool),
  },
];

/** Of each target for which there are figures, whether it is met. */
export const judge = (measured: Measured): Verdict[] =>
  targets.flatMap((target) => {
    const rounds = target.values(measured).filter((value) => !Number.isNaN(value));
    return rounds.length === 0 ? [] : [toVerdict(target, rounds)];
  });

function toVerdict({ id, what, atLeast, atMost }: Target, rounds: readonly number[]): Verdict {
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
