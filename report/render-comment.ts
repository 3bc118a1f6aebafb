import { cutText } from '../protocol/clean-text.ts';
import { blockMark, cutMark, endMark, type Section } from './sections.ts';

// GitHub refuses more than 65,536 characters.
const maxLength = 65_000;
const maxHead = 160;

/** The whole comment, failures first. What is too long loses failures from its longest sections, and says so. */
export function renderComment(marker: string, title: string, sections: readonly Section[]): string {
  const order = (one: Section): string => `${one.result === 'failed' ? 0 : 1}${one.head}`;
  const sorted = [...sections].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  const head = `${marker}\n### ${title}\n`;
  return [head, ...fitting(sorted, maxLength - head.length).map(renderSection)].join('\n');
}

/** A section that others follow need not hold more failures than a whole comment can. */
export function boundSection(section: Section): Section {
  let room = maxLength;
  const kept = section.blocks.filter((block) => {
    room -= block.length;
    return room >= 0;
  });
  return kept.length === section.blocks.length ? section : { ...section, blocks: kept, isCut: true };
}

/** The sections in so many characters. Lengths are counted, since there may be thousands of failures to leave out. */
function fitting(sections: readonly Section[], room: number): Section[] {
  const kept = sections.map(measure);
  let length = kept.reduce((sum, one) => sum + one.length + 1, 0);
  while (length > room && kept.length > 0) {
    const longest = kept.reduce((best, one) => (one.weight > best.weight ? one : best));
    const shorter = shorten(longest.section);
    const [at, made] = shorter ? [kept.indexOf(longest), [measure(shorter)]] : [kept.length - 1, []];
    const [gone] = kept.splice(at, 1, ...made);
    length += (made[0] ? made[0].length + 1 : 0) - (gone ? gone.length + 1 : 0);
  }
  return kept.map(({ section }) => section);
}

interface Measured {
  readonly section: Section;
  /** Of its Markdown. */
  readonly length: number;
  /** What is cut first has the most: failures are worth less than what is always shown. */
  readonly weight: number;
}

function measure(section: Section): Measured {
  const { head, blocks, isCut } = section;
  const inBlocks = blocks.reduce((sum, block) => sum + block.length, 0);
  const marks = blocks.length * (blockMark.length + 1) + (isCut ? cutMark.length : 0);
  const parts = 1 + blocks.length + (isCut ? 1 : 0);
  const around = startOf(section).length + endMark.length + 3 + 2 * (parts - 1);
  return {
    section,
    length: around + head.length + inBlocks + marks,
    weight: inBlocks * 1000 + head.length,
  };
}

/** Without its last failure, else with its first line alone; undefined where neither is left. */
function shorten(section: Section): Section | undefined {
  const { head, blocks } = section;
  if (blocks.length > 0) return { ...section, blocks: blocks.slice(0, -1), isCut: true };
  const first = cutText(head.split('\n')[0] ?? '', maxHead);
  return first === head ? undefined : { ...section, head: first };
}

const startOf = ({ key, stamp, result }: Section): string =>
  `<!-- qgjob:section:${key}:${stamp.runId}.${stamp.attempt}:${result} -->`;

function renderSection(section: Section): string {
  const { head, blocks, isCut } = section;
  const parts = [head, ...blocks.map((block) => `${blockMark}\n${block}`), ...(isCut ? [cutMark] : [])];
  return `${startOf(section)}\n${parts.join('\n\n')}\n${endMark}\n`;
}
