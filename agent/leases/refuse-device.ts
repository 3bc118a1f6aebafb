import { isAbsolute } from 'node:path';
import type { LeaseWork } from './lease-work.ts';

/**
 * Why the tests of a lease would not run on its device, or not with its app: a framework that drives devices by itself
 * takes any other of the host where it is not told which, and whatever app is on it. Undefined: they would. Simulated
 * devices are no phones, and stand in for any.
 */
export function refuseDevice({
  preset,
  slot,
  lease,
  app,
}: Pick<LeaseWork, 'preset' | 'slot' | 'lease' | 'app'>): string | undefined {
  const { offer, env } = slot.device;
  const driver = offer.labels?.driver;
  if (preset.drives === undefined || driver === 'simulated') return undefined;
  const isCloud = driver === 'browserstack';
  if (isCloud && !preset.drives.clouds)
    return `the framework ${preset.name} runs on devices of a host, and ${offer.name} is at BrowserStack`;
  if (env.QGJOB_DEVICES !== undefined && !preset.drives.sets)
    return `the framework ${preset.name} runs on one device, and ${offer.name} is a set of several`;
  const isPhone = isCloud || env.QGJOB_DEVICES !== undefined || env.QGJOB_DEVICE_UDID !== undefined;
  if (preset.drives.needsPhone && !isPhone)
    return `the framework ${preset.name} needs a phone, an emulator or a simulator, and ${offer.name} is none`;
  const { needsFile } = preset.drives;
  if (isAbsolute(app) || needsFile === 'never') return undefined;
  if (app !== '')
    return `the app version ${lease.app_version_id} has an address and no file, and nobody would put it on ${offer.name}: ${upload(lease.app_version_id)}`;
  return needsFile === 'always'
    ? `the app version ${lease.app_version_id} has no file, so the flows would run on whatever app is on ${offer.name}: ${upload(lease.app_version_id)}, or frameworks.${preset.name}.without_app says that this is meant`
    : undefined;
}

const upload = (id: string): string => `qgjob apps upload FILE --app-version-id=${id}`;
