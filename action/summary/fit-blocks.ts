const bytesOf = (text: string): number => Buffer.byteLength(text) + 1;

/**
 * The blocks that fit, from the first on, each ended by a line end. What is left out is told in a last line, for which
 * the caller leaves room. Blocks stay whole, so that no table row, fence or tag is cut in the middle.
 */
export function fitBlocks(
  blocks: readonly string[],
  maxBytes: number,
  leftOut: (count: number) => string,
): string {
  let used = 0;
  const fits = blocks.findIndex((block) => {
    used += bytesOf(block);
    return used > maxBytes;
  });
  const kept = fits === -1 ? blocks : blocks.slice(0, fits);
  const rest = blocks.length - kept.length;
  return [...kept, ...(rest > 0 ? [leftOut(rest)] : [])].map((block) => `${block}\n`).join('');
}
