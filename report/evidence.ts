import type { Evidence } from '../protocol/evidence.ts';
import type { Artifact } from '../protocol/shapes/artifact.ts';
import type { Job } from '../protocol/shapes/job.ts';
import { escapeMarkdown, link } from './markdown.ts';

// What people open first.
const order: readonly Artifact['kind'][] = ['trace', 'video', 'screenshot', 'log', 'report', 'other'];
const shown = 6;

/** `, rack-1/pixel-8`; '' where it is not known. */
export function deviceOf({ device_id: id }: Job, evidence: Evidence | undefined): string {
  const name = id === null ? undefined : evidence?.devices.get(id);
  return name === undefined ? '' : `, ${escapeMarkdown(name, 100)}`;
}

/** One line of links to what the last attempt left, and to the session at a device provider. */
export function evidenceLine(job: Job, evidence: Evidence | undefined): string[] {
  const files = [...(evidence?.files.get(job.job_id) ?? [])].sort(
    (a, b) => order.indexOf(a.kind) - order.indexOf(b.kind),
  );
  const links = files
    .slice(0, shown)
    .map(({ kind, name, url }) =>
      link(`${kind === 'other' ? '' : `${kind}: `}${escapeMarkdown(name, 80)}`, url),
    );
  const more = files.length > shown ? [`${files.length - shown} more files`] : [];
  const session = job.provider
    ? [link(`session at ${escapeMarkdown(job.provider.name, 80)}`, job.provider.url)]
    : [];
  const log = evidence ? [link('log', `${evidence.site}/v1/jobs/${job.job_id}/logs`)] : [];
  const all = [...session, ...links, ...more, ...log];
  return all.length === 0 ? [] : [all.join(' · ')];
}
