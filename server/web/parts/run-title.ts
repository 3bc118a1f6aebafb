import type { Run } from '../../../protocol/shapes/run.ts';
import { plain, shortId } from './plain.ts';

/** What people call a run: its check or workflow and branch; else its id. */
export function titleOf({ github, metadata, run_id: id }: Run): string {
  const name = github?.check_name ?? github?.workflow ?? metadata.name;
  const ref = github?.pr_number ? `#${github.pr_number}` : github?.ref.replace(/^refs\/(heads|tags)\//, '');
  const parts = [name, ref].filter((part) => typeof part === 'string' && part !== '');
  return parts.length > 0 ? plain(parts.join(' · '), 80) : shortId(id);
}
