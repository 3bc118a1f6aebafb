/** Epoch ms: for how long a person still has a device. */
export const now = (): number => Date.now();
