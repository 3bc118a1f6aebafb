import { now } from '../clock.ts';

/** `14:30 (in 30 min)`: on the clock of this host. */
export function clockOf(instant: string, from = now()): string {
  const at = new Date(instant);
  const two = (n: number) => String(n).padStart(2, '0');
  const minutes = Math.max(0, Math.round((at.getTime() - from) / 60_000));
  const left = minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${two(at.getHours())}:${two(at.getMinutes())} (in ${left})`;
}
