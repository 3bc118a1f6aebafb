import { join } from 'node:path';
import * as z from 'zod';
import { limits } from '../../protocol/limits.ts';
import { FinishJob, LeaseId } from '../../protocol/shapes/agent.ts';
import { agentFolder } from '../agent-folder.ts';
import type { AgentConfig } from '../config.ts';
import type { LogRest } from '../logs/log-upload.ts';

/** A verdict as the server is to be told it. Its texts are redacted. */
export const Verdict = z.strictObject({
  lease_id: LeaseId,
  job_id: z.string().min(1).max(100),
  /** For what is said about it. */
  test_path: z.string(),
  /** The body of the call. */
  finish: FinishJob,
});
export type Verdict = z.infer<typeof Verdict>;

/**
 * The first line of a spool file. The rest of the file are the bytes of the attempt's log that the server may not have:
 * one file, so that a verdict and its log are there together or not at all.
 */
export const EntryHead = z.strictObject({
  version: z.literal(1),
  /** The address that it is for: nobody else is told of it. */
  server: z.string().max(2000),
  verdict: Verdict,
  log: z.strictObject({
    offset: z.int().min(0),
    size: z.int().min(0).max(limits.logBytes),
  }),
});
export type EntryHead = z.infer<typeof EntryHead>;

/** What a spool file holds. */
export interface EntryContent {
  readonly server: string;
  readonly verdict: Verdict;
  readonly log: LogRest;
}

/** A spool file that was read. */
export interface Entry extends EntryContent {
  readonly path: string;
}

/** Of this agent's name, whatever process wrote it; made when first needed. */
export const spoolFolder = (config: AgentConfig): string => join(agentFolder(config), 'spool');

export const entrySuffix = '.spool';

/** One file for each attempt. Ids are the server's: nothing of them may lead out of the folder. */
export function entryName({ lease_id, job_id, finish }: Verdict): string {
  const ids = [lease_id, job_id].map((id) => id.replaceAll(/[^A-Za-z0-9_-]/g, '_'));
  return `${ids.join('-')}-${finish.attempt}${entrySuffix}`;
}
