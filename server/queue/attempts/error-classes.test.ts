import { expect, test } from 'vitest';
import { type ErrorClass, errorClasses } from '../../../protocol/states.ts';
import { appAfter, errorEffects } from './error-classes.ts';

const classesWith = (flag: 'strikesDevice' | 'avoidsDevice'): ErrorClass[] =>
  errorClasses.filter((one) => errorEffects[one][flag] === true);

test('only errors of the infrastructure and of installs are strikes of the device', () => {
  expect(classesWith('strikesDevice')).toEqual(['infra_error', 'install_failed']);
});

test('a job avoids the device after these, and after a timeout', () => {
  expect(classesWith('avoidsDevice')).toEqual(['infra_error', 'timeout', 'install_failed']);
});

test.each<[ErrorClass | undefined, string | undefined, string | undefined]>([
  ['install_failed', 'failed', 'failed'],
  ['build_error', 'broken', 'broken'],
  ['infra_error', undefined, 'failed'],
  ['timeout', undefined, undefined],
  [undefined, undefined, undefined],
])('%s says of the app %s at an attempt, %s at an install', (errorClass, atAttempt, atInstall) => {
  expect(appAfter(errorClass, 'attempt')).toBe(atAttempt);
  expect(appAfter(errorClass, 'install')).toBe(atInstall);
});
