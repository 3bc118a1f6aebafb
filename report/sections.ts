import { cutText } from '../protocol/clean-text.ts';

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

// GitHub refuses more than 65,536 characters.
const maxLength = 65_000;
const maxHead = 160;
const blockMark = '<!-- qgjob:block -->';
const cutMark = '<!-- qgjob:cut -->\nMore failures are left out here; the run has all of them.';
const endMark = '<!-- /qgjob:section -->';
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

/** Of each leg the newest section, of the newest run of the workflow alone: an older one was about other code. */
export function mergeSections(...lists: readonly (readonly Section[])[]): Section[] {
  const all = lists.flat();
  const newest = Math.max(...all.map(({ stamp }) => stamp.runId));
  const byKey = new Map<string, Section>();
  for (const section of all.filter(({ stamp }) => stamp.runId === newest)) {
    const had = byKey.get(section.key);
    if (had === undefined || !isNewer(had.stamp, section.stamp)) byKey.set(section.key, section);
  }
  return [...byKey.values()];
}

/** The whole comment, failures first. What is too long loses failures from its longest sections, and says so. */
export function renderComment(marker: string, title: string, sections: readonly Section[]): string {
  const order = (one: Section): string => `${one.result === 'failed' ? 0 : 1}${one.head}`;
  const kept = [...sections].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  const whole = (): string => [`${marker}\n### ${title}\n`, ...kept.map(renderSection)].join('\n');
  let length = whole().length;
  while (length > maxLength) {
    const longest = kept.reduce((best, one, index) => (sizeOf(one) > sizeOf(kept[best]) ? index : best), 0);
    const before = kept[longest];
    const shorter = before && shorten(before);
    kept.splice(shorter ? longest : -1, 1, ...(shorter ? [shorter] : []));
    length = whole().length;
  }
  return whole();
}

/** Without its last failure, else with its first line alone; undefined where neither is left. */
function shorten(section: Section): Section | undefined {
  const { head, blocks } = section;
  if (blocks.length > 0) return { ...section, blocks: blocks.slice(0, -1), isCut: true };
  const first = cutText(head.split('\n')[0] ?? '', maxHead);
  return first === head ? undefined : { ...section, head: first };
}

/** Failures are worth less than what is always shown. */
const sizeOf = (section: Section | undefined): number =>
  section === undefined ? 0 : section.blocks.join('').length * 1000 + section.head.length;

function renderSection({ key, stamp, result, head, blocks, isCut }: Section): string {
  const start = `<!-- qgjob:section:${key}:${stamp.runId}.${stamp.attempt}:${result} -->`;
  const parts = [head, ...blocks.map((block) => `${blockMark}\n${block}`), ...(isCut ? [cutMark] : [])];
  return `${start}\n${parts.join('\n\n')}\n${endMark}\n`;
}
