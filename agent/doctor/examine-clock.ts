import { type Finding, ok, warning } from '../../host/finding.ts';
import type { AgentConfig } from '../config.ts';
import { sayVersion } from './say-version.ts';

/** Phones whose clock differs from the host's are benched, and certificates fail. Nothing where the host does not say it. */
export async function examineClock({ childEnv }: Pick<AgentConfig, 'childEnv'>): Promise<Finding[]> {
  const words = ['show', '--property=NTPSynchronized', '--value'];
  const answer = await sayVersion(childEnv, 'timedatectl', words);
  if (answer === 'yes') return [ok('clock', 'is kept right by a time server')];
  if (answer !== 'no') return [];
  const says = 'no time server keeps it right: phones are benched where their clocks differ from it';
  return [warning('clock', says, 'sudo timedatectl set-ntp true')];
}
