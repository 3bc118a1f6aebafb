/** Requests that a server has answered, by `METHOD route status`, from the text of its `/metrics`. */
export function readHttpCalls(metrics: string): Map<string, number> {
  const calls = new Map<string, number>();
  for (const [, labels = '', count] of metrics.matchAll(/^qgjob_http_requests_total\{(.*)\} (\d+)$/gm)) {
    const label = (name: string): string | undefined => labels.match(`${name}="([^"]*)"`)?.[1];
    calls.set(`${label('method')} ${label('route')} ${label('status')}`, Number(count));
  }
  return calls;
}

/** A line for each kind of call with how many were made for each of `jobs` between two looks, most first. */
export function callsPerJob(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  jobs: number,
): string[] {
  return [...after]
    .map(([kind, count]) => ({ kind, count: count - (before.get(kind) ?? 0) }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
    .map(({ kind, count }) => `${(count / jobs).toFixed(2).padStart(6)}  ${kind}`);
}
