import { formatDuration } from '../../../../protocol/durations.ts';
import type { Figures } from '../../../../protocol/shapes/figures.ts';
import type { SeriesStep } from '../../../queue/figures/index.ts';
import { Card } from '../../parts/card.tsx';
import { BarChart, Legend } from '../../parts/chart.tsx';
import { Empty } from '../../parts/empty.tsx';

interface ChartsProps {
  readonly series: readonly SeriesStep[];
  readonly figures: Figures;
}

const hourOf = (at: number): string => new Date(at).toISOString().slice(11, 16);
const nameOf = (at: number, index: number): string => (index % 4 === 0 ? hourOf(at) : '');

/** What was done in the last day, hour by hour. */
export function Charts({ series, figures }: ChartsProps) {
  if (figures.jobs === 0) return <NothingYet />;
  return (
    <div class="columns" id="charts" data-live="">
      <Card
        title="Throughput, 24 h"
        id="throughput"
        aside={<Legend entries={[...results.map(([name, look]) => [look, name] as const)]} />}
      >
        <div class="card-body">
          <BarChart
            label={`Jobs that ended in each of the last 24 hours (UTC); ${figures.jobs} in all, ${figures.jobs_per_minute} a minute`}
            bars={series.map((step, index) => ({
              name: nameOf(step.at, index),
              parts: results.map(([name, look]) => ({ look, value: step[name] })),
              tip: `${hourOf(step.at)} UTC: ${results.map(([name]) => `${step[name]} ${name}`).join(', ')}`,
            }))}
          />
        </div>
      </Card>
      <Card
        title="Wait for a device, 24 h"
        id="waits"
        aside={
          <Legend
            entries={[
              ['busy', 'half of the jobs'],
              ['waits', '95 %'],
            ]}
          />
        }
      >
        <div class="card-body">
          <BarChart
            label="How long jobs waited for a device in each of the last 24 hours (UTC): the half, and 95 of 100"
            format={formatDuration}
            bars={series.map((step, index) => ({
              name: nameOf(step.at, index),
              parts: waitParts(step),
              tip: `${hourOf(step.at)} UTC: ${waitWords(step)}`,
            }))}
          />
        </div>
      </Card>
    </div>
  );
}

const results = [
  ['passed', 'good'],
  ['failed', 'bad'],
  ['errored', 'broken'],
  ['cancelled', 'off'],
] as const;

const waitParts = ({ waitP50Ms: half = 0, waitP95Ms: most = 0 }: SeriesStep) => [
  { look: 'busy', value: half },
  { look: 'waits', value: Math.max(0, most - half) },
];

const waitWords = ({ waitP50Ms: half, waitP95Ms: most }: SeriesStep): string =>
  half === undefined || most === undefined
    ? 'no job started'
    : `half waited up to ${formatDuration(half)}, 95 % up to ${formatDuration(most)}`;

/** In the place of the charts, which come there with the first job. */
const NothingYet = () => (
  <div id="charts" data-live="">
    <Card title="Throughput, 24 h">
      <Empty>No job has ended in the last 24 hours.</Empty>
    </Card>
  </div>
);
