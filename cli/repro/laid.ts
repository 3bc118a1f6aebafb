import type { WantedRepro } from '../../agent/repro/repro.ts';
import type { Repro } from '../../protocol/shapes/repro.ts';
import { environment } from '../config.ts';
import type { Ran } from './find-ran.ts';
import type { LaidOut } from './load-parts.ts';
import type { Private } from './shell-line.ts';

/** What is here of a job, or would be. */
export interface Laid {
  readonly repro: Repro;
  readonly ran: Ran;
  readonly dir: string;
  readonly app: string;
  readonly places: LaidOut;
  readonly hidden: Private;
}

export interface PlanFlags {
  readonly config?: string;
  readonly device?: string;
  readonly run?: true;
  readonly print?: true;
}

const variableOf = (param: string): string => `QGJOB_PARAM_${param}`;

export const privateOf = ({ withheld }: Repro, token: string): Private => ({
  token,
  withheld: withheld.map(variableOf),
});

export function wantedOf({ repro, ran, dir, app, places, hidden }: Laid, flags: PlanFlags): WantedRepro {
  const params = Object.entries(repro.params).map(([name, value]) => [variableOf(name), value] as const);
  return {
    ...{ config: flags.config, token: hidden.token, framework: repro.framework, target: repro.target },
    ...{ testPath: repro.test_path, grep: repro.grep ?? undefined, app, folder: dir, ...places },
    device: flags.device ?? ran.device,
    serial: flags.device,
    isPlan: flags.print ?? false,
    variables: {
      ...Object.fromEntries([...params, ...withheldHere(hidden, flags.run ?? false)]),
      QGJOB_APP_VERSION_ID: repro.app_version_id,
      QGJOB_JOB_ID: repro.job_id,
      QGJOB_ATTEMPT: String(ran.attempt),
    },
  };
}

/** The person has them. A line that is only shown names them, whether they are set by now or not. */
function withheldHere({ withheld }: Private, runs: boolean): (readonly [string, string])[] {
  return withheld.flatMap((name) => {
    const value = environment()[name] ?? (runs ? undefined : '');
    return value === undefined ? [] : [[name, value] as const];
  });
}
