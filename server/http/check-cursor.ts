import { QgjobError } from '../../protocol/errors.ts';
import { namePattern } from '../../protocol/ids.ts';
import type { RouteName } from '../../protocol/routes.ts';

/** What each list answers as `next_cursor`. */
export const cursorPatterns: Partial<Record<RouteName, RegExp>> = {
  listRuns: /^run_[0-9a-f]{32}$/,
  listJobs: /^\d{1,15}$/,
  listDeadLetters: /^\d{1,15}$/,
  listArtifacts: /^art_[0-9a-f]{32}$/,
  listGroups: /^\d{15}$/,
  listDevices: /^dev_[0-9a-f]{32}$/,
  listAgents: /^agt_[0-9a-f]{32}$/,
  listOrgs: namePattern,
  listTokens: /^[0-9a-f]{24}$/,
};

/** A cursor is compared, so any text would silently read as some page. Errors: `invalid`. */
export function checkCursor(name: RouteName, query: unknown): void {
  const { cursor } = (query ?? {}) as { cursor?: string };
  if (cursor === undefined || cursorPatterns[name]?.test(cursor)) return;
  throw new QgjobError('invalid', 'cursor: use the next_cursor of the page before, as it is');
}
