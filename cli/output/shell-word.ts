import { isPlainName } from '../../protocol/clean-text.ts';

/** One word of a POSIX shell, whatever is in it. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * The text as one word of a POSIX shell: itself where no shell would change it, else in quotes. Nothing in it reaches the
 * terminal as a control character, nor ends the line.
 */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  if (isPlainName(text)) return quoted(text);
  const bytes = [...Buffer.from(text)].map((byte) =>
    byte < 0x20 || byte > 0x7e || [0x25, 0x27, 0x5c].includes(byte)
      ? `\\${byte.toString(8).padStart(3, '0')}`
      : String.fromCharCode(byte),
  );
  return `"$(printf '${bytes.join('')}')"`;
}
