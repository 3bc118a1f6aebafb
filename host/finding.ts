/** `problem`: it does not work so. `warning`: it does, but something is not as it should be. */
export type FindingState = 'ok' | 'warning' | 'problem';

/** One thing that was looked at on a host, for an agent or a server. */
export interface Finding {
  /** In a word or two, such as `adb` or the name of a device. */
  readonly what: string;
  readonly state: FindingState;
  /** What was found, in words. */
  readonly says: string;
  /** What to do about it, where something is to be done: a command, where one is enough. */
  readonly cure?: string;
}

export const ok = (what: string, says: string): Finding => ({ what, state: 'ok', says });
export const warning = (what: string, says: string, cure: string): Finding => ({
  what,
  state: 'warning',
  says,
  cure,
});
export const problem = (what: string, says: string, cure: string): Finding => ({
  what,
  state: 'problem',
  says,
  cure,
});
