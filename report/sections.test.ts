import { expect, test } from 'vitest';
import { renderComment } from './render-comment.ts';
import { markerOf, mergeSections, readSections, type Section, withoutMarks } from './sections.ts';

const section = (leg: number, more: Partial<Section> = {}): Section => ({
  key: leg.toString(16).padStart(16, '0'),
  stamp: { runId: 100, attempt: 1 },
  ...{
    result: 'failed',
    head: `#### leg ${leg}\n\nmore`,
    blocks: ['first', 'second'],
    isCut: false,
    ...more,
  },
});
const marker = markerOf('acme', 'app');

test('sections are read as they were written, also after GitHub has changed the line ends', () => {
  const all = [section(1), section(2, { blocks: [], isCut: true }), section(3, { result: 'passed' })];
  const body = renderComment(marker, 'title', all);
  expect(readSections(body)).toEqual(all);
  expect(readSections(body.replaceAll('\n', '\r\n'))).toEqual(all);
  expect(body.startsWith(`${marker}\n### title\n`)).toBe(true);
});

test('the longest comment stays below the limit of GitHub: failures go from the longest sections first', () => {
  const long = (leg: number, count: number) =>
    section(leg, {
      blocks: Array(count).fill('x'.repeat(3000)),
      head: `#### leg ${leg}\n\n${'h'.repeat(500)}`,
    });
  const body = renderComment(marker, 'title', [long(1, 40), long(2, 40), long(3, 1)]);
  expect(body.length).toBeLessThanOrEqual(65_000);
  expect(body.length).toBeGreaterThan(60_000);
  const counts = readSections(body).map(({ blocks, isCut }) => [blocks.length, isCut]);
  expect(counts).toEqual([
    [9, true],
    [10, true],
    [1, false],
  ]);
  const legs = Array.from({ length: 200 }, (_, leg) => long(leg, 5));
  const many = renderComment(marker, 'title', legs);
  expect(many.length).toBeLessThanOrEqual(65_000);
  expect(readSections(many)).toHaveLength(200);
});

test('of a thousand legs with two hundred failures each the comment has as many as there is room for', () => {
  const legs = Array.from({ length: 1000 }, (_, leg) =>
    section(leg, { blocks: Array(200).fill('x'.repeat(50)) }),
  );
  const body = renderComment(marker, 'title', legs);
  expect(body.length).toBeLessThanOrEqual(65_000);
  expect(body.length).toBeGreaterThan(64_000);
  expect(readSections(body).length).toBeGreaterThan(200);
});

test('a name of a workflow cannot end the marker, and a text of a test begins no section', () => {
  expect(markerOf('a', 'x --> <!-- qgjob')).toBe('<!-- qgjob:report:a:x%20-%2D%3E%20%3C!-%2D%20qgjob -->');
  const forged = renderComment(marker, 't', [section(9)]);
  const body = renderComment(marker, 't', [section(1, { blocks: [withoutMarks(forged)] })]);
  expect(readSections(body).map(({ key }) => key)).toEqual([section(1).key]);
});

test('of one leg the newest attempt stays, and of several runs of the workflow the newest', () => {
  const again = section(1, { stamp: { runId: 100, attempt: 2 } });
  expect(mergeSections([again, section(2)], [section(1)])).toEqual([again, section(2)]);
  const newer = section(3, { stamp: { runId: 101, attempt: 1 } });
  expect(mergeSections([section(1), newer], [section(2)])).toEqual([newer]);
});

test('of two sections that nothing tells apart the failure stays', () => {
  const [failed, passed] = [section(1), section(1, { result: 'passed' })];
  expect(mergeSections([failed], [passed])).toEqual([failed]);
  expect(mergeSections([passed], [failed])).toEqual([failed]);
  const again = section(1, { result: 'passed', stamp: { runId: 100, attempt: 2 } });
  expect(mergeSections([failed], [again])).toEqual([again]);
});
