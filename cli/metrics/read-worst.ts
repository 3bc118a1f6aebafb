import type { Client } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { WorstTests } from './describe-figures.ts';

const listed = 10;

/** The ten slowest tests and the ten flakiest. Undefined where several orgs have tests and none was named. */
export async function readWorst(client: Client, orgId: string | undefined): Promise<WorstTests | undefined> {
  const read = async (sort: 'slow' | 'flaky') => {
    const query = {
      sort,
      kind: 'test' as const,
      limit: listed,
      ...(orgId !== undefined && { org_id: orgId }),
    };
    return (await client.call('listTests', { query })).tests;
  };
  try {
    const [slow, flaky] = await Promise.all([read('slow'), read('flaky')]);
    return { slow, flaky };
  } catch (error) {
    // The operator's token belongs to no org; a server of an older version has no such call.
    if (error instanceof QgjobError && ['invalid', 'not_found'].includes(error.code)) return undefined;
    throw error;
  }
}
