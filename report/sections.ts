/** The part of a comment that belongs to one leg of one job. */
export interface Section {
  /** Which leg: 16 hex digits. */
  readonly key: string;
  /** The workflow's run and attempt that wrote it: of two the higher is the newer. */
  readonly stamp: Stamp;
  readonly result: 'passed' | 'failed';
  /** Markdown that is always shown; its first line says how it ended. */
  readonly head: string;
  /** Markdown of one failure each, which goes where there is too much. */
  readonly blocks: readonly string[];
  /** Whether blocks went. */
  readonly isCut: boolean;
}

export interface Stamp {
  readonly runId: number;
  readonly attempt: number;
}

export const blockMark = '<!-- qgjob:block -->';
export const cutMark = '<!-- qgjob:cut -->\nMore failures are left out here; the run has all of them.';
export const endMark = '<!-- /qgjob:section -->';
const sectionPattern =
  /<!-- qgjob:section:([0-9a-f]{16}):(\d{1,15})\.(\d{1,6}):(passed|failed) -->\n([\s\S]*?)\n<!-- \/qgjob:section -->/g;

/** The line by which the comment of a workflow is found again. Names cannot end it. */
export const markerOf = (org: string, workflow: string): string =>
  `<!-- qgjob:report:${plain(org)}:${plain(workflow)} -->`;

const plain = (name: string): string => encodeURIComponent(name.toWellFormed()).replaceAll('--', '-%2D');

/** Foreign text as a part of a section: it begins and ends none. */
export const withoutMarks = (markdown: string): string => markdown.replaceAll('<!--', '<\u200b!--');

export function readSections(body: string): Section[] {
  return [...body.replaceAll('\r\n', '\n').matchAll(sectionPattern)].map((match) => {
    const [, key = '', runId, attempt, result, text = ''] = match;
    const [head = '', ...blocks] = text.replace(cutMark, '').split(blockMark);
    return {
      ...{ key, stamp: { runId: Number(runId), attempt: Number(attempt) }, isCut: text.includes(cutMark) },
      ...{ result: result as Section['result'], head: head.trim(), blocks: blocks.map((one) => one.trim()) },
    };
  });
}

export const isNewer = (one: Stamp, other: Stamp): boolean =>
  one.runId === other.runId ? one.attempt > other.attempt : one.runId > other.runId;

/**
 * Whether a section takes the place of another one of its key: a newer attempt does, and of one attempt what failed. Those are of two
 * steps that nobody can tell apart, and a pass of one must not hide a failure of the other.
 */
export const takesPlace = (section: Section, had: Section): boolean =>
  isNewer(section.stamp, had.stamp) ||
  (!isNewer(had.stamp, section.stamp) && (section.result === 'failed' || had.result === 'passed'));

/** Of each leg the newest section, of the newest run of the workflow alone: an older one was about other code. */
export function mergeSections(...lists: readonly (readonly Section[])[]): Section[] {
  const all = lists.flat();
  const newest = Math.max(...all.map(({ stamp }) => stamp.runId));
  const byKey = new Map<string, Section>();
  for (const section of all.filter(({ stamp }) => stamp.runId === newest)) {
    const had = byKey.get(section.key);
    if (had === undefined || takesPlace(section, had)) byKey.set(section.key, section);
  }
  return [...byKey.values()];
}
