/**
 * Characters that show nothing, from the first to the last code point each: those that Unicode has programs ignore where they
 * do not know them. One between two letters makes a name that looks like another one, or hides a secret.
 */
export const invisibleRanges: readonly (readonly [first: number, last: number])[] = [
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfffb],
  [0x1bca0, 0x1bca3],
  [0x1d173, 0x1d17a],
  [0xe0000, 0xe0fff],
];

const inClass = invisibleRanges
  .map(([first, last]) => `\\u{${first.toString(16)}}-\\u{${last.toString(16)}}`)
  .join('');
const invisible = new RegExp(`[${inClass}]`, 'u');

/** Letters of scripts that a joiner, or what keeps them apart, writes in another way. */
const joined =
  '[[\\p{scx=Arab}\\p{scx=Beng}\\p{scx=Deva}\\p{scx=Gujr}\\p{scx=Guru}\\p{scx=Knda}\\p{scx=Khmr}\\p{scx=Mlym}\\p{scx=Mong}\\p{scx=Orya}\\p{scx=Sinh}\\p{scx=Taml}\\p{scx=Telu}]&&[\\p{L}\\p{M}]]';
/** Where such characters are seen: between those letters, and in an emoji of several. Looks behind are short: time is linear. */
const seen = [
  `(?<=${joined})[\\u200c\\u200d](?=${joined})`,
  '(?<=[\\p{ExtPict}\\p{EMod}\\ufe0f])\\u200d(?=\\p{ExtPict})',
  '(?<=[\\p{Emoji}--[0-9#*]])\\ufe0f',
  '(?<=[0-9#*])\\ufe0f(?=\\u20e3)',
  '(?<=\\u{1f3f4}[\\u{e0020}-\\u{e007f}]{0,6})[\\u{e0020}-\\u{e007f}]',
];
const onlySeenThere = '[\\u200c\\u200d\\ufe0f\\u{e0020}-\\u{e007f}]';
const unseen = new RegExp(`[[${inClass}]--${onlySeenThere}]|(?!${seen.join('|')})${onlySeenThere}`, 'gv');

/** Without the characters that show nothing. Takes linear time. */
export const dropInvisible = (text: string): string =>
  invisible.test(text) ? text.replace(unseen, '') : text;
