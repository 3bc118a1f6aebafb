import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { renderGfm } from './gfm.ts';
import { projectRoot } from './sources.ts';

/** A page of Markdown, as a reader of the repository sees it. */
export interface Page {
  /** Relative to the project's root, POSIX. */
  readonly path: string;
  /** Where its links to files of the repository lead: a path from the project's root, and an anchor or ''. */
  readonly links: readonly Link[];
  /** What `#…` may name of it. */
  readonly anchors: ReadonlySet<string>;
}

export interface Link {
  readonly target: string;
  readonly anchor: string;
}

/** All pages that ship with the repository. */
export const readPages = (): Page[] =>
  globSync(['*.md', '{bench,deploy,docs,examples}/**/*.md'], {
    cwd: projectRoot,
    exclude: ['**/node_modules'],
  }).map((path) => readPage(path));

function readPage(path: string): Page {
  const { html, addresses } = renderGfm(readFileSync(join(projectRoot, path), 'utf8'));
  const links = addresses.filter((address) => !/^(?:[a-z]+:|\/\/)/i.test(address));
  return { path, links: links.map((link) => toLink(path, link)), anchors: anchorsOf(html) };
}

function toLink(from: string, address: string): Link {
  const [file = '', anchor = ''] = address.split('#');
  const path = join(projectRoot, dirname(from), decodeURIComponent(file));
  return { target: file === '' ? from : relative(projectRoot, path), anchor: decodeURIComponent(anchor) };
}

/** The anchors that GitHub gives to headings: the second of a name ends in -1. */
function anchorsOf(html: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of html.matchAll(/<h[1-6]>(.*?)<\/h[1-6]>/gs)) {
    const slug = slugOf(heading);
    let name = slug;
    for (let number = 1; anchors.has(name); number += 1) name = `${slug}-${number}`;
    anchors.add(name);
  }
  return anchors;
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', amp: '&' };

const slugOf = (heading: string): string =>
  heading
    .replace(/<[^>]*>/g, '')
    .replace(/&(\w+);/g, (_, name: string) => entities[name] ?? '')
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');

export const isThere = (path: string): boolean => existsSync(join(projectRoot, path));
