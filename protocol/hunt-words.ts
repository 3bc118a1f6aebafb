import type { Hunt } from './shapes/hunt.ts';

/**
 * `3 of 50 failed: 6 %, between 1 and 17 % at 95 %`. The interval is rounded outwards. Where nothing was observed: that
 * nothing was.
 */
export function huntWords({
  observed,
  failed,
  low,
  high,
}: Pick<Hunt, 'observed' | 'failed' | 'low' | 'high'>): string {
  if (observed === 0 || low === null || high === null) return 'no execution had a verdict';
  const bounds = `between ${Math.floor(low * 100)} and ${Math.ceil(high * 100)} % at 95 %`;
  return `${failed} of ${observed} failed: ${percent(failed / observed)} %, ${bounds}`;
}

/** Two digits of what is rare. */
const percent = (share: number): string => {
  const value = share * 100;
  return value > 0 && value < 1 ? value.toPrecision(1) : String(Math.round(value));
};
