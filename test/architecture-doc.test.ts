import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readTables } from './support/markdown-table.ts';
import { projectRoot, readSources } from './support/sources.ts';

const bare = (cell = ''): string => cell.replaceAll('`', '');
const rows = readTables(readFileSync(join(projectRoot, 'docs/architecture.md'), 'utf8'));
const behaviours = rows.filter((cells) => cells.length === 3 && cells[1]?.startsWith('`'));
const rooms = rows.filter((cells) => cells.length === 2 && cells[0]?.startsWith('`'));

/** True if the file declares a function, class, constant or trigger with this name. */
const declares = (text: string, name: string): boolean =>
  new RegExp(`\\b(?:function|class|const|CREATE TRIGGER) ${name}\\b`).test(text);

describe('docs/architecture.md', () => {
  test('names at least twenty behaviours and twenty rooms', () => {
    expect(behaviours.length).toBeGreaterThanOrEqual(20);
    expect(rooms.length).toBeGreaterThanOrEqual(20);
  });

  test.each(behaviours)('%s: %s declares %s', (_behaviour, file, symbol) => {
    expect(declares(readFileSync(join(projectRoot, bare(file)), 'utf8'), bare(symbol))).toBe(true);
  });

  test('names every folder with sources, or the folder around it', () => {
    const named = rooms.flatMap(([names = '']) =>
      names.split(',').map((name) => bare(name.trim()).replace(/\/$/, '')),
    );
    // Too large to name all that is in them.
    const isHouse = (folder: string): boolean => ['agent', 'server', 'server/queue'].includes(folder);
    const folders = new Set(
      readSources([
        'action',
        'agent',
        'cli',
        'client',
        'host',
        'protocol',
        'report',
        'server',
        'tracing',
      ]).map(({ path }) => dirname(path)),
    );
    const unnamed = [...folders].filter(
      (folder) => !named.includes(folder) && (isHouse(dirname(folder)) || !named.includes(dirname(folder))),
    );
    expect(unnamed.filter((folder) => folder !== 'agent' && folder !== 'server')).toEqual([]);
  });

  test.each(rooms)('%s exists', (names = '') => {
    const missing = names.split(',').map((name) => bare(name.trim()));
    expect(missing.filter((name) => !existsSync(join(projectRoot, name)))).toEqual([]);
  });
});
