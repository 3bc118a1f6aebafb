/** Epoch ms, for what is compared with the clock of a device, the time of a file, or the end of a token. All else goes by the monotonic clock, which this one is not. */
export const wallClock = (): number => Date.now();
