import * as core from '@actions/core';
import { badInput } from './parse.ts';

/** Inputs of the contract that this version does not do. The runner only warns of an input that is not declared. */
const later = [
  'oidc-audience',
  'app-file',
  'app-url',
  'github-token',
  'check-name',
  'comment',
  'artifacts',
] as const;

/** Refuses what would be ignored otherwise. Errors: `invalid`. */
export function refuseUnsupportedInputs(): void {
  const set = later.find((name) => core.getInput(name) !== '');
  if (set !== undefined) throw badInput(set, 'this version does not do that yet; leave it out');
}
