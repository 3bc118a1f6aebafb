/**
 * The longest time in ms that the event loop of this thread was kept from going round while `run` ran: processor time
 * of the thread, so that other work on the host does not count.
 */
export async function longestStretch(run: () => Promise<unknown>): Promise<number> {
  const used = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  let longest = 0;
  let last = used();
  let isDone = false;
  const tick = (): void => {
    const now = used();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isDone) setImmediate(tick);
  };
  const ticking = setImmediate(tick);
  await run();
  tick();
  isDone = true;
  clearImmediate(ticking);
  return longest;
}
