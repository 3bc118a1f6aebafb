import { cutText, oneLine } from '../../protocol/clean-text.ts';

/** How git may reach a repository. */
const ways = [
  /^(?<protocol>https?|ssh|file):\/\/(?<rest>[^\s?#]+)$/,
  // The short form of ssh: user@host:path.
  /^[\w.][\w.-]*@[\w.-]+:(?!\/\/)(?<rest>[^\s?#]+)$/,
];

/** A repository that the settings allow, and the one protocol that git may use for it; or why it is refused. */
export type AllowedRepository = { readonly protocol: string } | { readonly refused: string };

/**
 * Looks a repository up in the allow-list of the settings. In a pattern `*` stands for a part of one name and `**` for any
 * path; an ending `.git` or `/` makes no difference.
 */
export function allowRepository(repository: string, allowed: readonly string[]): AllowedRepository {
  const shown = cutText(oneLine(repository), 200);
  const way = ways.map((one) => one.exec(repository)).find((found) => found !== null);
  const rest = way?.groups?.rest ?? '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  const isOdd = rest === '' || /[\u0000-\u0020\\%]/.test(rest) || /(^|\/)(\.\.?|-[^/]*)(\/|$)/.test(rest);
  if (way === undefined || isOdd)
    return { refused: `the repository ${shown} is no address that git may fetch from` };
  if (way.groups?.protocol !== 'ssh' && way.groups?.protocol !== undefined && /^[^/]*@/.test(rest))
    return { refused: 'the address of the repository names a user: keep its credentials on the agent host' };
  if (allowed.some((pattern) => matches(plain(repository), plain(pattern))))
    return { protocol: way.groups?.protocol ?? 'ssh' };
  return {
    refused: `the repository ${shown} is not one that this agent may fetch: sources.git.allow in its settings lists them`,
  };
}

const plain = (address: string): string => address.replace(/\/+$/, '').replace(/\.git$/, '');

function matches(address: string, pattern: string): boolean {
  const words = pattern.split(/(\*\*|\*)/).map((word) => {
    if (word === '**') return '.*';
    return word === '*' ? '[^/:@]*' : word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  });
  return new RegExp(`^${words.join('')}$`).test(address);
}
