/** What a job asks for and a device offers, matched exactly: a kind, or a kind with a pool (`device/pixel-8`). */
export const targetPattern = /^(?:emulator|device|browserstack)(?:\/[A-Za-z0-9][A-Za-z0-9._-]{0,62})?$/;

export const isTarget = (text: string): boolean => targetPattern.test(text);

/** One line that says what is wrong with a target and what would be right. */
export function unknownTarget(text: string): string {
  return `unknown target "${text}": use emulator, device or browserstack, or one of them with a pool, like device/pixel-8`;
}
