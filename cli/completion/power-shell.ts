import type { Completable } from './describe-commands.ts';

/** One word of PowerShell. */
const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const list = (words: readonly string[]): string => `@(${words.map(quote).join(', ')})`;

export const powerShellScript = (
  all: readonly Completable[],
): string => `# Completions of qgjob for PowerShell:
#   qgjob completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName qgjob -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @{
${all.map(wordsOf).join('\n')}
  }
  $values = @{
${all.flatMap(valuesOf).join('\n')}
  }
  $free = ${list(all.flatMap(freeOf))}
  $at = ''
  $before = @($commandAst.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { "$_" })
  foreach ($word in $before) {
    $longer = "$at $word".Trim()
    if ($words.ContainsKey($longer)) { $at = $longer }
  }
  $flag = ''
  $prefix = ''
  $typed = $wordToComplete
  if ($wordToComplete -match '^(--[^=]+)=(.*)$') {
    $flag = $Matches[1]
    $prefix = "$flag="
    $typed = $Matches[2]
  } elseif ($before.Count -gt 0 -and $before[-1] -like '--*') {
    $flag = $before[-1]
  }
  $found = $values["$at $flag"]
  if ($null -eq $found) {
    # Any value: files, which PowerShell knows itself.
    if ($free -ccontains "$at $flag") { return }
    $prefix = ''
    $typed = $wordToComplete
    $found = $words[$at]
  }
  $found | Where-Object { $_.StartsWith($typed, [StringComparison]::OrdinalIgnoreCase) } | ForEach-Object { "$prefix$_" }
}
`;

const valuesOf = ({ path, flags }: Completable): string[] =>
  flags
    .filter(({ choices }) => choices.length > 0)
    .map(({ name, choices }) => `    ${quote(`${path} ${name}`)} = ${list(choices)}`);

const wordsOf = ({ path, commands, flags, values }: Completable): string =>
  `    ${quote(path)} = ${list([...commands.map(([name]) => name), ...values, ...flags.map(({ name }) => name)])}`;

/** Flags whose value may be anything. */
const freeOf = ({ path, flags }: Completable): string[] =>
  flags
    .filter(({ takesValue, choices }) => takesValue && choices.length === 0)
    .map(({ name }) => `${path} ${name}`);
