// Several scrapers, or one that is wrongly set, cost the database no more than one look a second.
const keptMs = 1000;

/** Keeps what was read, by key, for a second; a failure too. At most `most` of them are kept. */
export function createLooks<T>(
  most: number,
  now: () => number = () => performance.now(),
): (key: string, read: () => Promise<T>) => Promise<T> {
  const kept = new Map<string, { readonly answer: Promise<T>; readonly at: number }>();
  return (key, read) => {
    const known = kept.get(key);
    if (known && now() - known.at < keptMs) return known.answer;
    // The order is that of their age.
    kept.delete(key);
    for (const [old] of kept) {
      if (kept.size < most) break;
      kept.delete(old);
    }
    const answer = read();
    kept.set(key, { answer, at: now() });
    return answer;
  };
}
