/** Epoch ms, for what is compared with the clock of a device. All else goes by the monotonic clock, which this one is not. */
export const wallClock = (): number => Date.now();
