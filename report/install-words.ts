import { formatDuration } from '../protocol/durations.ts';
import type { Run } from '../protocol/shapes/run.ts';
import { plural } from '../protocol/words.ts';

/** Below it an install is no more than unpacking, which nobody would wait for. */
const worthMs = 1000;

/** `2 installs, 10 saved (9 m 20 s)`; undefined for a run whose framework installs nothing. */
export function installWords(run: Run): string | undefined {
  const saved = savedWords(run);
  return saved && `${plural(run.installs, 'install')}, ${saved}`;
}

/** `10 saved (9 m 20 s)`: the time by measured installs. Undefined for a run whose framework installs nothing. */
export function savedWords({ installs, installs_saved: saved, install_ms: ms }: Run): string | undefined {
  if (installs === 0 && (ms ?? 0) < worthMs) return undefined;
  const time = ms === null || saved === 0 ? '' : ` (${formatDuration(saved * ms)})`;
  return `${saved} saved${time}`;
}
