/** How files begin whose bytes say nothing as they are: archives, pictures, videos. From which byte on, and in hex. */
const beginnings: readonly (readonly [from: number, hex: string])[] = [
  // zip (and what is one: apk, trace), gzip, bzip2, xz, zstd, 7z
  [0, '504b0304'],
  [0, '1f8b08'],
  [0, '425a68'],
  [0, 'fd377a585a00'],
  [0, '28b52ffd'],
  [0, '377abcaf271c'],
  // png, jpg, gif, webp
  [0, '89504e470d0a1a0a'],
  [0, 'ffd8ff'],
  [0, '474946383961'],
  [8, '57454250'],
  // webm and mkv, mp4 and mov, woff2
  [0, '1a45dfa3'],
  [4, '66747970'],
  [0, '774f4632'],
];

/** Whether a file that begins so is packed: no value is found in it, and a changed byte breaks it. */
export const isPacked = (start: Buffer): boolean =>
  beginnings.some(([from, hex]) => start.toString('hex', from, from + hex.length / 2) === hex);
