import type { Framework } from '../../protocol/states.ts';
import type { FrameworkSettings } from '../config-shape.ts';
import { commandPreset } from './command.ts';
import { detoxPreset } from './detox/preset.ts';
import { maestroPreset } from './maestro/preset.ts';
import { appwright } from './playwright/appwright.ts';
import type { Member, MemberSettings } from './playwright/member.ts';
import { mobilewright } from './playwright/mobilewright.ts';
import { playwrightPreset } from './playwright/preset.ts';
import type { Preset } from './preset.ts';
import { webdriverioPreset } from './webdriverio/preset.ts';

const playwright = (settings: MemberSettings): Member => ({
  name: 'playwright',
  package: '@playwright/test',
  configName: 'playwright.config',
  settings,
});

/** The preset for what a job names, or for the agent's default when it names nothing. */
export function choosePreset(
  settings: FrameworkSettings,
  named: Framework | null,
  target: string,
): Preset | { readonly rejected: string } {
  const name = named ?? settings.default;
  if (name === 'playwright') return playwrightPreset(playwright(settings.playwright));
  if (name === 'mobilewright') return playwrightPreset(mobilewright(settings.mobilewright));
  if (name === 'appwright' && settings.appwright)
    return playwrightPreset(appwright(settings.appwright, target));
  if (name === 'appwright')
    return {
      rejected: 'this agent has no frameworks.appwright.project: AppWright runs one project at a time',
    };
  if (name === 'detox') return detoxPreset(settings.detox);
  if (name === 'maestro') return maestroPreset(settings.maestro);
  if (name === 'webdriverio') return webdriverioPreset(settings.webdriverio);
  if (settings.command) return commandPreset(settings.command);
  return { rejected: 'this agent has no command: its configuration must say frameworks.command.test' };
}
