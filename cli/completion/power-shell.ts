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
${all.map(({ path, commands, flags }) => `    ${quote(path)} = ${list([...commands.map(([name]) => name), ...flags.map(({ name }) => name)])}`).join('\n')}
  }
  $values = @{
${all.flatMap(valuesOf).join('\n')}
  }
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
    $prefix = ''
    $typed = $wordToComplete
    $found = $words[$at]
  }
  $found | Where-Object { $_ -like "$typed*" } | ForEach-Object { "$prefix$_" }
}
`;

const valuesOf = ({ path, flags }: Completable): string[] =>
  flags
    .filter(({ choices }) => choices.length > 0)
    .map(({ name, choices }) => `    ${quote(`${path} ${name}`)} = ${list(choices)}`);
