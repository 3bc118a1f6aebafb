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
    hook: 'appwright.cjs',
    adapt: (request, hooks) => adapt(settings.project, request, hooks),
  };
}

function adapt(project: string, { env }: BatchRequest, { hook, home }: Hooks): string {
  const { QGJOB_DEVICE_UDID: udid, QGJOB_APP_PATH: path, QGJOB_APP_URL: url } = env;
  const uploaded = url?.startsWith('bs://') ? url : undefined;
  return `import tame from ${JSON.stringify(hook)};
tame({ home: ${JSON.stringify(home)}, nonce: channel.nonce, udid: ${JSON.stringify(udid)} });
const { project, path, udid, uploaded } = ${JSON.stringify({ project, path, udid, uploaded })};
for (const one of own.projects ?? []) {
  if (one.name !== project) continue;
  one.use = { ...one.use };
  if (path) one.use.buildPath = path;
  if (udid && one.use.device) one.use.device = { ...one.use.device, udid };
  if (!uploaded || one.use.device?.provider !== 'browserstack') continue;
  // Its own set-up uploads the app again for each process.
  own.globalSetup = undefined;
  process.env['BROWSERSTACK_APP_URL_' + project.toUpperCase()] = uploaded;
}`;
}
