import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Device } from './device.ts';
import type { RecordedAttempt, Recording } from './recording.ts';

/** Each member in a folder of its name; one that cannot does not keep the others from it. */
export async function recordOnAll(
  members: readonly Device[],
  attempt: RecordedAttempt,
): Promise<Recording | undefined> {
  const begun = await Promise.allSettled(members.map((member) => recordOn(member, attempt)));
  const all = begun.flatMap((one) => (one.status === 'fulfilled' && one.value ? [one.value] : []));
  const problems = wordsOf(members, begun);
  if (all.length === 0 && problems.length === 0) return undefined;
  const provider = all.find((one) => one.provider)?.provider;
  return {
    ...(provider && { provider }),
    end: async (result) => {
      const ends = await Promise.allSettled(all.map((one) => one.end(result)));
      const missing = [
        ...problems,
        ...wordsOf(
          all.map(({ member }) => member),
          ends,
        ),
      ];
      if (missing.length > 0) throw new Error(missing.join('; '));
    },
  };
}

async function recordOn(
  member: Device,
  attempt: RecordedAttempt,
): Promise<(Recording & { readonly member: Device }) | undefined> {
  if (!member.record) return undefined;
  const folder = join(attempt.folder, member.offer.name.replaceAll(/[^A-Za-z0-9._-]/g, '-'));
  await mkdir(folder, { mode: 0o700 });
  const recording = await member.record({ ...attempt, folder });
  return recording && { ...recording, end: (result) => recording.end(result), member };
}

/** On all members at once; then throws where it failed on one. */
export async function onAll(
  members: readonly Device[],
  work: (member: Device) => Promise<unknown> | undefined,
): Promise<void> {
  const problems = wordsOf(members, await Promise.allSettled(members.map(work)));
  if (problems.length > 0) throw new Error(problems.join('; '));
}

const wordsOf = (members: readonly Device[], ends: readonly PromiseSettledResult<unknown>[]): string[] =>
  ends.flatMap((end, index) =>
    end.status === 'rejected' ? [`${members[index]?.offer.name}: ${(end.reason as Error).message}`] : [],
  );
