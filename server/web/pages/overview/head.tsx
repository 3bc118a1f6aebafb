import { formatDuration } from '../../../../protocol/durations.ts';
import type { Figures } from '../../../../protocol/shapes/figures.ts';
import type { TargetDepth } from '../../../queue/figures/index.ts';
import { Figure } from '../../parts/card.tsx';

interface HeadProps {
  readonly depths: readonly TargetDepth[];
  readonly figures: Figures;
}

const sum = (depths: readonly TargetDepth[], of: (depth: TargetDepth) => number): number =>
  depths.reduce((all, depth) => all + of(depth), 0);

const orDash = (ms: number | null): string => (ms === null ? '–' : formatDuration(ms));
const percent = (share: number | null): string =>
  share === null ? '–' : `${Math.round(share * 1000) / 10} %`;

/** The figures that most people come for. */
export function Head({ depths, figures }: HeadProps) {
  const oldest = Math.max(0, ...depths.map(({ oldestMs }) => oldestMs));
  const waiting = sum(depths, (depth) => depth.waiting);
  return (
    <div class="figures" id="figures" data-live="">
      <Figure
        name="Queued"
        hint={oldest > 0 ? `oldest ${formatDuration(oldest)}` : `${waiting} wait for a time`}
      >
        {sum(depths, (depth) => depth.queued)}
      </Figure>
      <Figure name="On devices" hint="scheduled and running">
        {sum(depths, (depth) => depth.leased)}
      </Figure>
      <Figure name="Wait, 24 h" hint={`95 %: ${orDash(figures.wait.p95_ms)}`}>
        {orDash(figures.wait.p50_ms)}
      </Figure>
      <Figure name="Run to result, 24 h" hint={`95 %: ${orDash(figures.feedback.p95_ms)}`}>
        {orDash(figures.feedback.p50_ms)}
      </Figure>
      <Figure name="Passed, 24 h" hint={`of ${figures.jobs} jobs in ${figures.runs} runs`}>
        {percent(figures.success)}
      </Figure>
      <Figure name="Installs saved, 24 h" hint={`${formatDuration(figures.install_ms_saved)} of devices`}>
        {figures.installs_saved}
      </Figure>
    </div>
  );
}
