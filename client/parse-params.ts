/** Lines of `NAME=text`, the last one of a name counts; or the first one that is none. The text is taken as it is. */
export function parseParams(
  lines: readonly string[],
): { readonly params: Record<string, string> } | { readonly bad: string } {
  const bad = lines.find((line) => line.indexOf('=') < 1);
  if (bad !== undefined) return { bad };
  return {
    params: Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    ),
  };
}
