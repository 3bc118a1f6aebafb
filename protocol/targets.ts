/** What a job needs and a device is: a kind, or a kind with a pool (`device/pixel-8`). They match when equal. */
export const targetPattern =
  /^(?:emulator|device|browserstack|browser)(?:\/[A-Za-z0-9][A-Za-z0-9._-]{0,62})?$/;

/** Several targets: one, in whose pool `*` stands for any characters. */
export const targetsPattern =
  /^(?:emulator|device|browserstack|browser)(?:\/[A-Za-z0-9*][A-Za-z0-9*._-]{0,62})?$/;

export const isTarget = (text: string): boolean => targetPattern.test(text);

/** True for a kind itself and for its pools. */
export const isOfKind = (kind: string, target: string): boolean => target.split('/', 1)[0] === kind;

/** The kinds, for messages and help. */
export const targetKinds = 'emulator, device, browserstack or browser';

/** The message for a text that is no target. */
export function unknownTarget(text: string): string {
  return `unknown target "${text}": use ${targetKinds}, or one of them with a pool, like device/pixel-8`;
}
