/** Whether a work ends, one way or the other, within so many ms. */
export async function isSettled(work: Promise<unknown>, ms: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), ms);
  const isOver = () => true;
  try {
    return await Promise.race([work.then(isOver, isOver), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
