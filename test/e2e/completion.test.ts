import { execFile as execFileBack } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { commands } from '../../cli/commands.ts';
import { hasTools, newcomersPath } from '../support/host-tools.ts';
import { runCli } from '../support/processes.ts';
import { tempFolder } from '../support/queue.ts';

const execFile = promisify(execFileBack);

/** What each shell answers is reduced to one word a line. Zsh's own functions are replaced by some that print what they get. */
const askers = {
  bash: `source "$1"; shift; compopt() { echo "a file"; }
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _qgjob; printf '%s\\n' "\${COMPREPLY[@]}"`,
  zsh: `compdef() { :; }; source "$1"; shift; compset() { :; }; _files() { echo "a file"; }
    compadd() { shift; print -l -- "$@"; }
    _describe() { for one in "\${(P@)2}"; do print -- "\${one%%:*}"; done; }
    words=("$@"); CURRENT=$#; _qgjob`,
  fish: `source $argv[1]; complete -C (string join " " -- $argv[2..])`,
} as const;

type Shell = keyof typeof askers;

/** Bash breaks words at `=`. */
const wordsFor = (shell: Shell, words: readonly string[]): string[] =>
  words.flatMap((word) =>
    shell === 'bash' && word.includes('=') ? word.split(/(=)/).filter(Boolean) : word,
  );

async function startShell(shell: Shell) {
  const folder = tempFolder();
  const script = join(folder, 'completion');
  const { code, stdout, stderr } = await runCli(['completion', shell], { cwd: folder });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  writeFileSync(script, stdout);
  writeFileSync(join(folder, 'asker'), askers[shell]);
  return async (...words: string[]): Promise<string[]> => {
    const args = [...(shell === 'zsh' ? ['-f'] : []), join(folder, 'asker'), script, 'qgjob'];
    const env = { HOME: folder, PATH: newcomersPath };
    const answer = await execFile(shell, [...args, ...wordsFor(shell, words)], { cwd: folder, env });
    expect(answer.stderr).toBe('');
    return answer.stdout.split('\n').flatMap((line) => line.split('\t')[0] || []);
  };
}

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  test.skipIf(!hasTools(shell))(`${shell} completes commands, flags and the values of flags`, async () => {
    const ask = await startShell(shell);
    expect((await ask('')).sort()).toEqual([...Object.keys(commands), 'help'].sort());
    expect((await ask('completion', '')).sort()).toEqual(['bash', 'fish', 'powershell', 'zsh']);
    expect(await ask('help', 'ini')).toContain('init');
    expect(await ask('init', '')).toEqual(expect.arrayContaining(['agent', 'workflow']));
    expect(await ask('tokens', '')).toEqual(expect.arrayContaining(['create', 'revoke']));
    expect(await ask('tokens', 'create', '--')).toEqual(expect.arrayContaining(['--agent-names', '--help']));
    expect(await ask('tokens', 'create', '--')).not.toContain('--wait');
    expect(await ask('list', '--json', '--status', '')).toEqual(
      expect.arrayContaining(['queued', 'completed']),
    );
    const values = await ask('list', '--status=');
    expect(values.map((value) => value.replace('--status=', ''))).toContain('errored');
    if (shell !== 'fish') expect(await ask('submit', '--app', '')).toEqual(['a file']);
  });
}

test('PowerShell gets a script with the same words', async () => {
  const { code, stdout } = await runCli(['completion', 'powershell'], { cwd: tempFolder() });
  expect(code).toBe(0);
  expect(stdout).toContain('Register-ArgumentCompleter -Native -CommandName qgjob');
  expect(stdout).toMatch(/'list --status' = @\('waiting', 'queued'/);
  // A value that is free gets no flags, and what was typed is no pattern.
  expect(stdout).toMatch(/\$free = @\(.*'submit --app'/);
  expect(stdout).not.toContain('-like "');
  expect(stdout).toMatch(/'completion' = @\('bash', 'zsh', 'fish', 'powershell'/);
  for (const name of Object.keys(commands)) expect(stdout).toContain(`    '${name}' = @(`);
});

test('another shell is refused by name', async () => {
  const answer = await runCli(['completion', 'tcsh'], { cwd: tempFolder() });
  expect(answer).toMatchObject({ code: 2, stderr: expect.stringContaining('bash, zsh, fish, powershell') });
});
