import { QgjobError } from '../../protocol/errors.ts';
import { Quotas } from '../../protocol/shapes/quotas.ts';

const names = Object.keys(Quotas.shape);

/** `queued_jobs=5000`, `agents=none`. Errors: `invalid`. */
export function parseQuotas(given: readonly string[]): Partial<Quotas> {
  return Object.fromEntries(
    given.map((text) => {
      const [, name = '', value = ''] = /^([a-z_]+)=(\d{1,15}|none)$/.exec(text) ?? [];
      if (!names.includes(name))
        throw new QgjobError(
          'invalid',
          `--set: "${text}" is no quota; give one like queued_jobs=5000 or agents=none, of ${names.join(', ')}`,
        );
      return [name, value === 'none' ? null : Number(value)];
    }),
  );
}
