/** Epoch ms, for what is compared with the clock of a device, or with the end of a token. All else goes by the monotonic clock, which this one is not. */
export const wallClock = (): number => Date.now();
