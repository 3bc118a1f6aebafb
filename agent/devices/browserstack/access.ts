import { isLoopback } from '../../../client/server-url.ts';
import { QgjobError } from '../../../protocol/errors.ts';

/** The parts of BrowserStack: phones, and browsers. Each has an API and a plan of its own. */
export type Product = 'app-automate' | 'automate';

/** An account at BrowserStack, and where it is. Addresses have no slash at their end. */
export interface StackAccess {
  readonly username: string | undefined;
  readonly accessKey: string | undefined;
  readonly apis: Readonly<Record<Product, string>>;
  /** For WebDriver. */
  readonly hub: string;
}

export interface StackHost extends StackAccess {
  /** For what all agents of a data folder keep. */
  readonly cacheFolder: string;
}

const ownApis: StackAccess['apis'] = {
  'app-automate': 'https://api-cloud.browserstack.com/app-automate',
  automate: 'https://api.browserstack.com/automate',
};
const ownHub = 'https://hub.browserstack.com/wd/hub';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The account in the environment of the agent. `QGJOB_BROWSERSTACK_URL` and `QGJOB_BROWSERSTACK_HUB_URL` are for stand-ins.
 * Errors: `invalid`, for an address that would carry the key in the clear.
 */
export function readAccess(host: Variables): StackAccess {
  const base = addressIn(host, 'QGJOB_BROWSERSTACK_URL');
  return {
    username: host.BROWSERSTACK_USERNAME || undefined,
    accessKey: host.BROWSERSTACK_ACCESS_KEY || undefined,
    apis:
      base === undefined ? ownApis : { 'app-automate': `${base}/app-automate`, automate: `${base}/automate` },
    hub: addressIn(host, 'QGJOB_BROWSERSTACK_HUB_URL') ?? ownHub,
  };
}

/** What must not be in a log: both halves of the account, and both together as HTTP sends them. */
export const secretsOf = ({ username, accessKey }: StackAccess): string[] =>
  username === undefined || accessKey === undefined
    ? []
    : [username, accessKey, Buffer.from(`${username}:${accessKey}`).toString('base64')];

function addressIn(host: Variables, name: string): string | undefined {
  const given = host[name];
  if (!given) return undefined;
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (!isSafe) throw new QgjobError('invalid', `${name} must be https://…, or http:// of this machine`);
  return given.replace(/\/+$/, '');
}
