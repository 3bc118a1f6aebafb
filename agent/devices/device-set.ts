import type { DeviceEntry } from '../config-shape.ts';
import type { AppFile, Device, DeviceInstall } from './device.ts';
import { onAll, recordOnAll } from './record-set.ts';

type Entry = Extract<DeviceEntry, { driver: 'set' }>;

/** Several devices as one, for tests that need all of them: they are offered together or not at all. */
export function openSet({ name, target }: Entry, number: number, members: readonly Device[]): Device {
  const own = name ?? `set-${target.replace('/', '-')}-${number}`;
  return {
    offer: {
      name: own,
      target,
      platform: members[0]?.offer.platform,
      labels: {
        driver: 'set',
        members: members
          .map(({ offer }) => offer.name)
          .join(' ')
          .slice(0, 200),
      },
    },
    get env() {
      return { QGJOB_DEVICES: JSON.stringify(members.map(describe)) };
    },
    ...(members.some(({ examine }) => examine) && { examine: (isBusy) => examineAll(members, isBusy) }),
    ...(members.some(({ install }) => install) && {
      install: (app, options) => installOnAll(members, (member) => member.install?.(app, options)),
      stillHasApp: () => allHaveApp(members),
    }),
    ...(members.some(({ record }) => record) && { record: (attempt) => recordOnAll(members, attempt) }),
    hasApp: (app) => allHave(members, app),
    noteApp: async (app) => void (await onAll(members, (member) => member.noteApp?.(app))),
    reset: async (next) => void (await onAll(members, (member) => member.reset?.(next))),
    dispose: async () => void (await Promise.all(members.map((member) => member.dispose?.()))),
  };
}

/** As a test reads it; `env` is what a single device of its kind would have set for it. */
const describe = ({ offer: { name, platform, os_version }, env }: Device) => ({
  name,
  ...(platform && { platform }),
  ...(os_version && { os_version }),
  ...(env.QGJOB_DEVICE_UDID && { udid: env.QGJOB_DEVICE_UDID }),
  env,
});

/** The first fault of a member, with its name; one that breaks tests before the others. What can be cured is, on all. */
async function examineAll(members: readonly Device[], isBusy: boolean | undefined) {
  const faults = await Promise.all(members.map((member) => member.examine?.(isBusy)));
  const worst = faults.findIndex((fault) => fault?.breaksTests);
  const first = worst >= 0 ? worst : faults.findIndex((fault) => fault !== undefined);
  const fault = faults[first];
  if (fault === undefined) return undefined;
  const cures = faults.flatMap((one) => one?.cure ?? []);
  return {
    ...fault,
    why: `${members[first]?.offer.name}: ${fault.why}`,
    ...(faults.some((one) => one?.isUnsure) && !fault.breaksTests && { isUnsure: true as const }),
    cure: cures.length === 0 ? undefined : async () => void (await Promise.all(cures.map((cure) => cure()))),
  };
}

async function allHaveApp(members: readonly Device[]): Promise<boolean> {
  const answers = await Promise.all(members.map((member) => member.stillHasApp?.()));
  return !answers.includes(false);
}

/** False where one lacks it; undefined where one cannot tell. */
async function allHave(members: readonly Device[], app: AppFile): Promise<boolean | undefined> {
  const answers = await Promise.all(members.map((member) => member.hasApp?.(app)));
  if (answers.includes(false)) return false;
  return answers.includes(undefined) ? undefined : true;
}

/** At once on all; the first failure counts. */
async function installOnAll(
  members: readonly Device[],
  install: (member: Device) => Promise<DeviceInstall> | undefined,
): Promise<DeviceInstall> {
  const ends = await Promise.all(members.map(async (member) => ({ member, end: await install(member) })));
  const installs = ends.reduce((sum, { end }) => sum + (end?.installs ?? 0), 0);
  for (const { member, end } of ends)
    if (end && !end.ok) return { ...end, installs, why: `${member.offer.name}: ${end.why}` };
  return { ok: true, installs };
}
