const longestMs = 3_600_000;

/** Seconds, or a date as proxies send it, which is read by the clock of who sent it. In ms, an hour at most. */
export function retryAfterMs(headers: Headers): number | undefined {
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  const ms = /^\d+$/.test(text)
    ? Number(text) * 1000
    : Date.parse(text) - Date.parse(headers.get('date') ?? '');
  return ms >= 0 ? Math.min(ms, longestMs) : undefined;
}
