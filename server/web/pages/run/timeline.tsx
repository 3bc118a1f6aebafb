import { formatDuration } from '../../../../protocol/durations.ts';
import type { Run } from '../../../../protocol/shapes/run.ts';
import { mostTimelineJobs, type TimelineBar, type TimelineLane } from '../../../queue/runs/index.ts';
import { addressOf, useView } from '../../frame/view.ts';
import { Card } from '../../parts/card.tsx';
import { Legend } from '../../parts/chart.tsx';
import { Empty } from '../../parts/empty.tsx';
import { plain } from '../../parts/plain.ts';

interface TimelineProps {
  readonly run: Run;
  readonly lanes: readonly TimelineLane[];
}

const mostLanes = 40;
const width = 1000;
const left = 190;
const laneHeight = 26;
const top = 24;

const legend = [
  ['off', 'waits for a device'],
  ['install', 'installs the app'],
  ['good', 'passed'],
  ['bad', 'failed'],
  ['broken', 'error'],
  ['busy', 'runs'],
] as const;

/** Where the time went: a lane a device, a bar for each install and each attempt. */
export function Timeline({ run, lanes }: TimelineProps) {
  const total = Object.entries(run.counts).reduce((sum, [name, n]) => (name === 'flaky' ? sum : sum + n), 0);
  return (
    <Card title="Where the time went" id="timeline" aside={<Legend entries={legend} />}>
      {lanes.length === 0 ? (
        <Empty>No device has begun yet.</Empty>
      ) : (
        <Lanes run={run} lanes={lanes.slice(0, mostLanes)} />
      )}
      {lanes.length > mostLanes && (
        <p class="more">
          The first {mostLanes} of {lanes.length} devices are drawn.
        </p>
      )}
      {total > mostTimelineJobs && (
        <p class="more">
          Of {total} tests the attempts of the first {mostTimelineJobs} are drawn: gaps may be the time of
          others.
        </p>
      )}
    </Card>
  );
}

function Lanes({ run, lanes }: TimelineProps) {
  const { now } = useView();
  const from = Date.parse(run.submitted_at);
  const to = Math.max(from + 1, run.finished_at === null ? now : Date.parse(run.finished_at));
  const x = (at: number): number =>
    left + ((Math.min(Math.max(at, from), to) - from) / (to - from)) * (width - left);
  const height = top + lanes.length * laneHeight + 4;
  return (
    <section class="scroll" tabindex={0} aria-label="The devices of the run over time">
      <svg class="timeline" viewBox={`0 0 ${width} ${height}`} aria-label={labelOf(lanes, to - from)}>
        {[0, 0.25, 0.5, 0.75, 1].map((share) => (
          <>
            <line
              class="grid"
              x1={left + share * (width - left)}
              x2={left + share * (width - left)}
              y1={top - 4}
              y2={height}
            />
            <text
              class="axis"
              x={left + share * (width - left)}
              y={14}
              text-anchor={share === 1 ? 'end' : share === 0 ? 'start' : 'middle'}
            >
              {share === 0 ? 'submitted' : formatDuration(share * (to - from))}
            </text>
          </>
        ))}
        {lanes.map((lane, index) => (
          <Lane lane={lane} y={top + index * laneHeight} x={x} from={from} />
        ))}
      </svg>
    </section>
  );
}

interface LaneProps {
  readonly lane: TimelineLane;
  readonly y: number;
  readonly x: (at: number) => number;
  /** When the run was submitted, epoch ms. */
  readonly from: number;
}

function Lane({ lane, y, x, from }: LaneProps) {
  const { now } = useView();
  const first = lane.bars[0]?.from ?? now;
  return (
    <g>
      <text class="lane" x={left - 8} y={y + 16} text-anchor="end">
        <title>{plain(lane.device)}</title>
        {nameOf(lane.device)}
      </text>
      <rect class="off wait" x={x(from)} y={y + 10} width={Math.max(0, x(first) - x(from))} height={4} />
      {lane.bars.map((bar) => (
        <Bar
          bar={bar}
          x={x(bar.from)}
          width={Math.max(1.5, x(bar.to ?? now) - x(bar.from) - 0.5)}
          y={y + 3}
        />
      ))}
    </g>
  );
}

interface BarProps {
  readonly bar: TimelineBar;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

function Bar({ bar, x, y, width: size }: BarProps) {
  const view = useView();
  const tip = tipOf(bar, view.now);
  const rect = (
    <rect class={lookOf(bar)} x={x.toFixed(1)} y={y} width={size.toFixed(1)} height={laneHeight - 8} rx={2}>
      <title>{tip}</title>
    </rect>
  );
  if (bar.jobId === undefined) return rect;
  // For the mouse: the list above leads to the same pages by the keyboard.
  return (
    <a href={addressOf(view, `/jobs/${bar.jobId}`, { attempt: bar.attempt })} tabindex={-1} aria-label={tip}>
      {rect}
    </a>
  );
}

const verdictLooks: Readonly<Record<string, string>> = {
  passed: 'good',
  failed: 'bad',
  error: 'broken',
  cancelled: 'off',
};

const lookOf = ({ kind, verdict }: TimelineBar): string =>
  kind === 'install' ? 'install' : (verdictLooks[verdict ?? ''] ?? 'busy');

function tipOf({ kind, from, to, verdict, testPath, attempt }: TimelineBar, now: number): string {
  const took = formatDuration(Math.max(0, (to ?? now) - from));
  if (kind === 'install') return `install of the app: ${took}${to === undefined ? ' so far' : ''}`;
  return `${plain(testPath ?? '', 120)}, attempt ${attempt}: ${verdict ?? 'runs'}, ${took}`;
}

const labelOf = (lanes: readonly TimelineLane[], ms: number): string =>
  `${lanes.length} ${lanes.length === 1 ? 'device' : 'devices'} over ${formatDuration(ms)}, with ${lanes.reduce((sum, { bars }) => sum + bars.length, 0)} installs and attempts`;

const nameLength = 25;

/** Agent and device where both have room, else the device. */
const nameOf = (device: string): string =>
  plain(device.length <= nameLength ? device : (device.split('/').at(-1) ?? ''), nameLength);
