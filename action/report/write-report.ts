import { randomUUID } from 'node:crypto';
import { closeSync, constants, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as core from '@actions/core';
import { makeFolder } from '../../client/make-folder.ts';
import { pathInside } from '../../client/path-inside.ts';
import { cleanLine } from '../../report/clean-lines.ts';
import { toCtrf } from '../../report/ctrf.ts';
import { toJunit } from '../../report/junit.ts';
import type { RunRecord } from '../../report/run-record.ts';
import { dropLinks } from './drop-links.ts';
import type { Outputs } from './outputs.ts';

interface ReportPlace {
  /** Absolute: the folder of the job's checkouts, in which no link is followed. */
  readonly workspace: string;
  /** Absolute: what `reportPath` is relative to. */
  readonly directory: string;
  readonly reportPath: string;
}

/** Writes run.json, junit.xml and ctrf.json; returns the outputs that name them. A full disk fails no step whose tests passed. */
export function writeReport(record: RunRecord, { workspace, directory, reportPath }: ReportPlace): Outputs {
  const folder = resolve(directory, reportPath);
  const junit = join(folder, 'junit.xml');
  try {
    makeFolder(workspace, folder);
    if (pathInside(workspace, folder) !== undefined) warnOfLinks(dropLinks(folder));
    replaceFile(join(folder, 'run.json'), `${JSON.stringify(record, null, 2)}\n`);
    const whole = { ...record, jobs: [...record.jobs, ...(record.earlier ?? [])] };
    replaceFile(junit, toJunit(whole));
    replaceFile(join(folder, 'ctrf.json'), `${JSON.stringify(toCtrf(whole), null, 2)}\n`);
    return { 'report-path': folder, 'junit-path': junit };
  } catch (error) {
    core.warning(`the report was not written: ${cleanLine((error as Error).message)}`);
    return {};
  }
}

const namesShown = 5;

function warnOfLinks(paths: readonly string[]): void {
  if (paths.length === 0) return;
  const more = paths.length > namesShown ? ` and ${paths.length - namesShown} more` : '';
  const named = paths.slice(0, namesShown).map(cleanLine).join(', ');
  core.warning(`links that lead out of the folder of the report were removed from it: ${named}${more}`);
}

/**
 * Writes a file whole or not at all: into a new file beside it, which then takes the name. Whatever had the name is
 * replaced; a link is not followed.
 */
function replaceFile(path: string, text: string): void {
  const draft = `${path}.${randomUUID()}`;
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0 } = constants;
  try {
    const file = openSync(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o644);
    try {
      writeFileSync(file, text);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}
