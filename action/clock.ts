/** Epoch ms by the runner's clock, which may be off: for what GitHub shows and asks, never for what the server decides. */
export const now = (): number => Date.now();
