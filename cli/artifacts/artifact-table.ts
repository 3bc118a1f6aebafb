import { oneLine } from '../../protocol/clean-text.ts';
import type { Artifact } from '../../protocol/shapes/artifact.ts';
import { formatBytes } from '../../protocol/sizes.ts';
import { formatTable } from '../output/table.ts';

/** Artifacts as a table that fits into `width` columns; undefined: as wide as it is. */
export function artifactTable(artifacts: readonly Artifact[], width: number | undefined): string[] {
  if (artifacts.length === 0) return [];
  const rows = artifacts.map(({ name, kind, size, job_id: jobId, attempt }) => [
    oneLine(name),
    kind,
    formatBytes(size),
    jobId,
    String(attempt),
  ]);
  return formatTable([['NAME', 'KIND', 'SIZE', 'JOB', 'ATTEMPT'], ...rows], { width, cuttable: [0] });
}
