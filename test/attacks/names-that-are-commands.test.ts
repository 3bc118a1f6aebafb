import { expect, test } from 'vitest';
import { runMain } from '../support/action-harness.ts';
import { useLab } from '../support/action-lab.ts';

const name =
  '::set-output name=status::passed ##[add-mask]e | [x](https://evil.example) ![i](x) <img src=x> @octocat #1 `';
const message = [
  '::stop-commands::x',
  '::set-output name=conclusion::success',
  'text ##[error]from the test',
  '::add-mask::passed',
  '::error file=x::from the test',
  '````',
  '</details> | <script>alert(1)</script> @octocat',
  '\u001b[31mred\u001b[0m',
].join('\n');

const named: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const xml = (text: string) => text.replace(/[&<>"]/g, (char) => named[char] ?? '').replaceAll('\u001b', '');
const report = `<testsuite name="s"><testcase name="${xml(name)}" file="../../etc/passwd" line="1"><failure message="no">${xml(message)}</failure></testcase></testsuite>`;

const path = 'tests/##[error]a|b[c](d)<e>@f#1.sh';
const lab = useLab({
  [path]: `cat > "$QGJOB_JUNIT" <<'END'\n${report}\nEND\nexit 1`,
  'tests/printed.sh': `cat <<'END'\n${message}\nEND\nexit 1`,
});

test('names, messages and paths of tests are never commands for the runner', async () => {
  const result = await runMain(lab().step({ tests: 'tests/*.sh', 'retry-failed-tests': '0' }));
  expect(result.outputs).toMatchObject({ status: 'failed', conclusion: 'failure', failed: '2' });
  expect(result.log).toContain('from the test');
  const used = result.commands.map((command) => command.name);
  expect([...new Set(used)].sort()).toEqual(['add-mask', 'endgroup', 'error', 'group']);
  expect(result.commands.filter(({ name }) => name === 'add-mask').map(({ data }) => data)).toEqual([
    lab().token,
  ]);
  const errors = result.commands.filter((command) => command.name === 'error');
  expect(errors).toHaveLength(3);
  // A file outside of the repository is not used: the annotation is at the test file.
  expect(errors.map(({ properties }) => properties.file)).toEqual([path, 'tests/printed.sh', undefined]);
  expect(result.log).not.toContain('\u001b');
});

test('in the summary they are plain text', async () => {
  const { summary } = await runMain(lab().step({ tests: 'tests/*.sh', 'retry-failed-tests': '0' }));
  expect(summary).not.toMatch(/<(?!\/?(?:details|summary|a|pre)\b)/);
  const chart = /^```text\n[^`]*\n```$/gm;
  const texts = summary
    .replace(/<pre>[^<]*<\/pre>/g, '')
    .replace(chart, '')
    .replace(/^### /, '');
  expect(texts.replaceAll(/&#\d+;/g, '')).not.toMatch(/[@#[\]`!\\]/);
  expect(summary.match(/<pre>/g)).toHaveLength(2);
  // Only the table itself adds `|` to a row.
  const row = summary.split('\n').find((line) => line.startsWith('| **failed** | tests/&#35;'));
  expect(row?.split('|')).toHaveLength(8);
});
