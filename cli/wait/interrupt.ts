export interface Interrupt {
  readonly signal: AbortSignal;
  unhook(): void;
}

/** The first SIGINT tells and aborts; a second one ends the process as it would any. */
export function onInterrupt(tell: () => void): Interrupt {
  const controller = new AbortController();
  const onSignal = (): void => {
    tell();
    controller.abort(new Error('interrupted'));
  };
  process.once('SIGINT', onSignal);
  return { signal: controller.signal, unhook: () => void process.off('SIGINT', onSignal) };
}
