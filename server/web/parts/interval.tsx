import { formatShare } from './share.ts';

interface IntervalProps {
  /** Shares of 1. */
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** A share with the interval in which it lies at 95 %: as numbers, and drawn on a line from 0 to 100 %. */
export const Interval = ({ share, low, high }: IntervalProps) => (
  <span class="interval">
    <span class="strong num">{formatShare(share)}</span>{' '}
    <span class="faint num">
      {formatShare(low)} to {formatShare(high)}
    </span>
    <svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect
        class="doubt"
        x={(100 * low).toFixed(2)}
        y="1.5"
        width={widthOf(low, high)}
        height="3"
        opacity="0.55"
      />
      <rect class="bad" x={Math.min(98.5, 100 * share).toFixed(2)} y="0" width="1.5" height="6" />
    </svg>
  </span>
);

const widthOf = (low: number, high: number): string => Math.max(1, 100 * (high - low)).toFixed(2);
