import { expect, test } from 'vitest';
import { refuseOperator } from './refuse-operator.ts';

const token = (kind: string): string => `qgj_${kind}_${'0'.repeat(24)}_${'1'.repeat(72)}`;

test.each([
  ['op', "the operator's: it may do everything on the server"],
  ['adm', "an admin's: it can make other tokens of its org"],
])('an agent does not run on a token of the kind %s, and says what to do', (kind, why) => {
  const make = '`qgjob tokens create --name=lab --shared > agent.token`';
  expect(() => refuseOperator(token(kind), 'lab')).toThrow(
    expect.objectContaining({
      code: 'forbidden',
      message: `this token is ${why}, and the tests that run here may get hold of it. Make one for this agent alone: ${make} (for one org: --org-id=ORG --scopes=agent in place of --shared), and start it with --token-file=agent.token. --insecure-operator-token takes this one all the same`,
    }),
  );
});

test.each([token('agt'), token('sub'), 'qgj_op_1_2', `x${token('op')}`, token('op').toUpperCase(), ''])(
  'it runs on %s',
  (one) => {
    expect(() => refuseOperator(one, 'lab')).not.toThrow();
  },
);
