import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { passedNames } from './children/child-env.ts';
import { AgentFile } from './config-shape.ts';
import { settingsTable } from './test-support/settings-table.ts';

const path = join(import.meta.dirname, '../docs/agents.md');
const page = readFileSync(path, 'utf8');
const made: Readonly<Record<string, string>> = {
  settings: settingsTable(),
  environment: passedNames.map((name) => `\`${name}\``).join(' '),
};

// `npx vitest run agent/agents-page.test.ts -u` writes them anew.
test('the lists of the page are those of the code', async () => {
  const filled = page.replace(
    /(<!-- (\w+) -->\n)[\s\S]*?(<!-- \/\2 -->)/g,
    (_all, begin, name, end) => `${begin}${made[name]}\n${end}`,
  );
  await expect(filled).toMatchFileSnapshot(path);
  expect(Object.keys(made).every((name) => page.includes(`<!-- ${name} -->`))).toBe(true);
});

test('every variable that a test is told is on the page', () => {
  const code = readFileSync(join(import.meta.dirname, 'leases/child-request.ts'), 'utf8');
  const names = new Set(code.match(/QGJOB_\w+/g));
  expect(names.size).toBe(8);
  for (const name of names) expect(page).toContain(`\`${name}\``);
});

test('the example of the page can be read', () => {
  const [, example = ''] = /```json\n(.*?)```/s.exec(page) ?? [];
  expect(AgentFile.safeParse(JSON.parse(example)).error).toBeUndefined();
});
