import type { Artifact } from './shapes/artifact.ts';

/** What a report says of jobs beside their verdicts, whoever asked the server for it. */
export interface Evidence {
  /** Address of the server. */
  readonly site: string;
  /** `rack-1/pixel-8` by the id of the device. */
  readonly devices: ReadonlyMap<string, string>;
  /** What the last attempt left, by the id of the job. */
  readonly files: ReadonlyMap<string, readonly Artifact[]>;
}
