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

const inClass = invisibleRanges.map(
  ([first, last]) => `\\u{${first.toString(16)}}-\\u{${last.toString(16)}}`,
);
const invisible = new RegExp(`[${inClass.join('')}]`, 'u');

/** Scripts whose letters a joiner, or what keeps them apart, writes in another way. */
const joined =
  '[[\\p{scx=Arabic}\\p{scx=Bengali}\\p{scx=Devanagari}\\p{scx=Gujarati}\\p{scx=Gurmukhi}\\p{scx=Kannada}\\p{scx=Khmer}\\p{scx=Malayalam}\\p{scx=Mongolian}\\p{scx=Oriya}\\p{scx=Sinhala}\\p{scx=Tamil}\\p{scx=Telugu}]&&[\\p{L}\\p{M}]]';
/** Where such a character is seen: in an emoji, and between letters of these scripts. */
const seen = `\\p{RGI_Emoji}|(?<=${joined})[\\u200c\\u200d](?=${joined})`;
const seenOrInvisible = new RegExp(`(${seen})|[${inClass.join('')}]+`, 'gv');

/** Without the characters that show nothing. Takes linear time. */
export const dropInvisible = (text: string): string =>
  invisible.test(text) ? text.replace(seenOrInvisible, '$1') : text;
