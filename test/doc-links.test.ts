import { expect, test } from 'vitest';
import { isThere, type Page, readPages } from './support/pages.ts';

const pages = new Map(readPages().map((page) => [page.path, page]));

test('every link of a page leads to a file of the repository, and to a heading where it names one', () => {
  const dead = [...pages.values()].flatMap(({ path, links }) =>
    links
      .filter(({ target, anchor }) => !isThere(target) || (anchor !== '' && !hasAnchor(target, anchor)))
      .map(({ target, anchor }) => `${path}: ${target}${anchor && `#${anchor}`}`),
  );
  expect(dead).toEqual([]);
});

test('every page of docs/ can be reached from the README', () => {
  const docs = [...pages.keys()].filter((path) => path.startsWith('docs/'));
  expect(docs.length).toBeGreaterThan(30);
  const reached = reachedFrom('README.md');
  expect(docs.filter((path) => !reached.has(path))).toEqual([]);
});

/** What is no page, such as a source, has no headings: an anchor there would lead nowhere. */
const hasAnchor = (path: string, anchor: string): boolean => pages.get(path)?.anchors.has(anchor) === true;

/** The pages that links lead to from this one, in any number of steps. */
function reachedFrom(start: string): Set<string> {
  const reached = new Set([start]);
  // A set goes on with what is added meanwhile.
  for (const path of reached)
    for (const { target } of linksOf(path)) if (pages.has(target)) reached.add(target);
  return reached;
}

const linksOf = (path: string): Page['links'] => pages.get(path)?.links ?? [];
