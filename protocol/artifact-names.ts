import { isPlainName, isSeenName } from './clean-text.ts';
import { limits } from './limits.ts';

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** Names that Windows keeps for devices, also with an extension. */
export const deviceOfWindows = /^(con|prn|aux|nul|conin\$|conout\$|com[\d¹²³]|lpt[\d¹²³])(\.|$)/i;

/** Some file systems drop a dot or a space at the end, so such a part may name something else, like `..`. */
const isPlainPart = (part: string): boolean => part !== '' && !/[. ]$/.test(part);

/**
 * Why a text cannot be the name of an artifact; undefined where it can. A name is a relative path with `/`, at most 255
 * bytes, that leads out of no folder on any system, since people download artifacts under these names. The server
 * stores the bytes under a key of its own.
 */
export function flawOfArtifactName(name: string): string | undefined {
  if (name === '') return 'must not be empty';
  if (bytesOf(name) > limits.artifactNameBytes) return `has at most ${limits.artifactNameBytes} bytes`;
  if (!isPlainName(name)) return 'must not hold control characters or what turns the direction of writing';
  if (name.includes('\\') || /^[A-Za-z]:/.test(name) || !name.split('/').every(isPlainPart))
    return 'must be a relative path with / between folders, without .., \\ and empty parts, no part ending in a dot or a space';
  if (name.split('/').some((part) => deviceOfWindows.test(part)))
    return 'must not hold a name that Windows keeps for devices, like con or nul';
  return undefined;
}

/** Of these Windows takes none; a colon names another stream of a file there. */
const notOnEveryDisk = /[<>:"|?*]/g;

/**
 * The same for a name that is made now: one that may also be written on every disk, and looks like no other one. A server
 * takes more, since older agents send it.
 */
export function flawOfNewName(name: string): string | undefined {
  const flaw = flawOfArtifactName(name);
  if (flaw !== undefined) return flaw;
  if (!isSeenName(name)) return 'must not hold characters that show nothing';
  return name === diskName(name) ? undefined : 'must not hold < > : " | ? *';
}

/** A good name as it is written on a disk. */
export const diskName = (name: string): string => name.replaceAll(notOnEveryDisk, '_');

/** What agents leave of a test file of Playwright for one HTML report of the run: nothing that people open. */
export const isBlob = ({ name }: { readonly name: string }): boolean =>
  /(^|\/)qgjob-blob\/[^/]+\.jsonl$/.test(name);
