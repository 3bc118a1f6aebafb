import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { passedNames } from './children/child-env.ts';
import { AgentFile } from './config-shape.ts';

const path = join(import.meta.dirname, '../docs/agents.md');
const page = readFileSync(path, 'utf8');
const made: Readonly<Record<string, string>> = {
  settings: settingsTable(),
  environment: passedNames.map((name) => `\`${name}\``).join(' '),
};

// `npx vitest run agent/agents-page.test.ts -u` writes them again.
test('the lists of the page are those of the code', async () => {
  const filled = page.replace(
    /(<!-- (\w+) -->\n)[\s\S]*?(<!-- \/\2 -->)/g,
    (_all, begin, name, end) => `${begin}${made[name]}\n${end}`,
  );
  await expect(filled).toMatchFileSnapshot(path);
  expect(Object.keys(made).every((name) => page.includes(`<!-- ${name} -->`))).toBe(true);
});

test('every variable that a test gets is on the page', () => {
  const code = readFileSync(join(import.meta.dirname, 'leases/lease-work.ts'), 'utf8');
  const names = new Set(code.match(/QGJOB_\w+/g));
  expect(names.size).toBe(12);
  // A name that ends with _ is the beginning of many.
  for (const name of names) expect(page).toContain(`\`${name.replace(/_$/, '_<name>')}\``);
});

test('the example of the page can be read', () => {
  const [, example = ''] = /```json\n(.*?)```/s.exec(page) ?? [];
  expect(AgentFile.safeParse(JSON.parse(example)).error).toBeUndefined();
});

/** The part of a JSON Schema that is read here. */
interface Shape {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly const?: unknown;
  readonly oneOf?: readonly Shape[];
}

/** Every key of `qgjob.agent.json` with its default and meaning, as Markdown. */
function settingsTable(): string {
  const schema = z.toJSONSchema(AgentFile, { io: 'input' }) as Shape;
  const rows = settings('', schema).map(
    ([key, shape]) => `| \`${key}\` | ${defaultOf(shape)} | ${shape.description ?? ''} |`,
  );
  return ['| key | default | what it is |', '|---|---|---|', ...rows].join('\n');
}

/** The leaves: of objects and of lists of objects only what is in them. */
function settings(prefix: string, shape: Shape): [key: string, shape: Shape][] {
  return Object.entries(shape.properties ?? {}).flatMap(([name, inner]) => {
    const key = `${prefix}${name}`;
    if (inner.properties) return settings(`${key}.`, inner);
    if (inner.items?.oneOf && prefix === '')
      return inner.items.oneOf.flatMap((one) => settingsOfKind(key, one));
    return inner.items?.properties ? settings(`${key}[].`, inner.items) : [[key, inner]];
  });
}

/** One of several kinds of item, which its `driver` tells apart: that key alone for all, and the others with its name. */
function settingsOfKind(key: string, kind: Shape): [key: string, shape: Shape][] {
  const { driver, ...rest } = kind.properties ?? {};
  const name = String(driver?.const);
  return [[`${key}[].driver`, driver ?? {}], ...settings(`${key}[] ${name}: `, { properties: rest })];
}

function defaultOf(shape: Shape): string {
  return shape.default === undefined ? '' : `\`${JSON.stringify(shape.default)}\``;
}
