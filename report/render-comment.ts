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

/** A section needs not hold more failures than a whole comment can. */
export const boundSection = (section: Section): Section => cutTo(section, maxLength);

/** The sections in so many characters. Lengths are counted, since there may be thousands of failures to leave out. */
function fitting(sections: readonly Section[], room: number): Section[] {
  if (lengthOf(sections) <= room) return [...sections];
  const most = mostFor(sections, room);
  const kept = sections.map((section) => cutTo(section, most));
  shortenHeads(kept, room);
  let length = lengthOf(kept);
  while (length > room) length -= lengthOf(kept.splice(-1));
  giveBack(kept, sections, room - length);
  return kept;
}

/** One failure more, where it fits. */
function giveBack(kept: Section[], whole: readonly Section[], given: number): void {
  let room = given;
  for (let index = kept.length - 1; index >= 0; index -= 1) {
    const [section, all] = [kept[index], whole[index]];
    if (!section || !all || section.head !== all.head) continue;
    const blocks = all.blocks.slice(0, section.blocks.length + 1);
    const more = { ...section, blocks, isCut: all.isCut || blocks.length < all.blocks.length };
    const costs = lengthOfOne(more) - lengthOfOne(section);
    if (costs > room) continue;
    kept[index] = more;
    room -= costs;
  }
}

/** How much of its failures each section may keep: the longest lose theirs first. In characters, 0 at least. */
function mostFor(sections: readonly Section[], room: number): number {
  let [fits, isTooMuch] = [0, maxLength + 1];
  while (isTooMuch - fits > 1) {
    const most = Math.floor((fits + isTooMuch) / 2);
    const length = lengthOf(sections.map((section) => cutTo(section, most)));
    if (length <= room) fits = most;
    else isTooMuch = most;
  }
  return fits;
}

/** The section with the first failures that have so many characters together. */
function cutTo(section: Section, most: number): Section {
  let room = most;
  const end = section.blocks.findIndex((block) => {
    room -= block.length;
    return room < 0;
  });
  return end < 0 ? section : { ...section, blocks: section.blocks.slice(0, end), isCut: true };
}

/** Leaves of the longest heads their first line alone, one after the other, until it fits. */
function shortenHeads(sections: Section[], room: number): void {
  const longest = sections.map((_, index) => index).sort((a, b) => headAt(sections, b) - headAt(sections, a));
  let length = lengthOf(sections);
  for (const index of longest) {
    const section = sections[index];
    if (length <= room || section === undefined) return;
    const head = shorten(section.head);
    sections[index] = { ...section, head };
    length -= section.head.length - head.length;
  }
}

const headAt = (sections: readonly Section[], index: number): number => sections[index]?.head.length ?? 0;

const shorten = (head: string): string => cutText(head.split('\n')[0] ?? '', maxHead);

const lengthOf = (sections: readonly Section[]): number =>
  sections.reduce((sum, section) => sum + lengthOfOne(section) + 1, 0);

/** Of its Markdown. */
function lengthOfOne(section: Section): number {
  const { head, blocks, isCut } = section;
  const parts = 1 + blocks.length + (isCut ? 1 : 0);
  const marks = blocks.length * (blockMark.length + 1) + (isCut ? cutMark.length : 0);
  const inBlocks = blocks.reduce((sum, block) => sum + block.length, 0);
  return startOf(section).length + endMark.length + 3 + 2 * (parts - 1) + head.length + inBlocks + marks;
}

const startOf = ({ key, stamp, result }: Section): string =>
  `<!-- qgjob:section:${key}:${stamp.runId}.${stamp.attempt}:${result} -->`;

function renderSection(section: Section): string {
  const { head, blocks, isCut } = section;
  const parts = [head, ...blocks.map((block) => `${blockMark}\n${block}`), ...(isCut ? [cutMark] : [])];
  return `${startOf(section)}\n${parts.join('\n\n')}\n${endMark}\n`;
}
