import type { BatchRequest } from '../batch.ts';
import type { Hooks, Member, MemberSettings } from './member.ts';

/** What two processes of AppWright on one host cannot have at once: they start their Appium on this port. */
const appiumPort = 'appium:4723';

/**
 * AppWright: Playwright Test with a `device` over Appium, or in a cloud. It is run by its own Playwright and not by its
 * program, which passes no signal on. On devices of this host each of its tests installs the app anew, so nothing is
 * installed for it; in a cloud it gets the app that is there already.
 */
export function appwright(settings: MemberSettings & { readonly project: string }, target: string): Member {
  const isCloud = target.split('/')[0] === 'browserstack';
  return {
    name: 'appwright',
    package: 'appwright',
    configName: 'appwright.config',
    settings: { ...settings, uses: [...settings.uses, ...(isCloud ? [] : [appiumPort])] },
    installsItself: !isCloud,
    drives: { needsPhone: true, clouds: true, sets: false, needsFile: isCloud ? 'never' : 'registered' },
    hook: 'appwright.cjs',
    adapt: (request, hooks) => adapt(settings.project, request, hooks),
  };
}

function adapt(project: string, { env }: BatchRequest, { hook, home }: Hooks): string {
  const { QGJOB_DEVICE_UDID: udid, QGJOB_APP_PATH: path, QGJOB_APP_URL: url } = env;
  const uploaded = url?.startsWith('bs://') ? url : undefined;
  const options = { home, udid, project, path, uploaded };
  return `import adapt from ${JSON.stringify(hook)};
adapt(own, { ...${JSON.stringify(options)}, nonce: channel.nonce });`;
}
