import { formatDuration } from '../../../protocol/durations.ts';
import { useView } from '../frame/view.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** `12 s ago`, `3 min ago`, `2 h ago`, `5 d ago`; `in 3 min` for what is to come. */
export function ago(ms: number): string {
  const size = Math.abs(ms);
  if (size < 5000) return 'now';
  const text =
    size < minute
      ? `${Math.round(size / 1000)} s`
      : size < hour
        ? `${Math.round(size / minute)} min`
        : size < 2 * day
          ? `${Math.round(size / hour)} h`
          : `${Math.round(size / day)} d`;
  return ms < 0 ? `in ${text}` : `${text} ago`;
}

/** How long ago an instant (ISO 8601) was; the instant itself as a tip. `–` for none. */
export function Ago({ at }: { readonly at: string | null | undefined }) {
  const { now } = useView();
  if (!at) return <span class="faint">–</span>;
  return (
    <time datetime={at} title={at.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}>
      {ago(now - Date.parse(at))}
    </time>
  );
}

/** A duration in ms; `–` for none. */
export const Duration = ({ ms }: { readonly ms: number | null | undefined }) =>
  ms === null || ms === undefined ? (
    <span class="faint">–</span>
  ) : (
    <span class="num">{formatDuration(ms)}</span>
  );
