import type { Github } from '../protocol/shapes/origin.ts';
import { shortName } from './short-name.ts';

const placeholder = '<target>';
const maxName = 200;
const maxLeg = 80;

/** What names a check run that says nothing else. */
const standard = `qgjob (${placeholder})`;

/**
 * The names of the check runs, one for each target. A leg of a matrix is named beside the target: two legs with one name
 * would take each other's place, and a pass would hide a failure. A name without a place for the target gets one where it is
 * needed, and one that is too long never loses its target and leg.
 */
export function checkNames(
  template: string,
  targets: readonly string[],
  leg: string | undefined,
): ReadonlyMap<string, string> {
  const isPlain = !template.includes(placeholder) && targets.length === 1 && leg === undefined;
  const whole = isPlain || template.includes(placeholder) ? template : `${template} (${placeholder})`;
  return new Map(
    targets.map((target) => {
      const words = leg === undefined ? target : `${target}, ${leg}`;
      const name = whole.replaceAll(placeholder, () => words);
      return [target, shortName(name, maxName)];
    }),
  );
}

type Named = Pick<Github, 'check_template' | 'check_name' | 'leg' | 'leg_name' | 'check_run_name' | 'step'>;

/**
 * The names that a submit wants, one for each of its targets; none where it wants no check run. A submit that says no template
 * (it does not come from the Action) has its `check_name` while that names one check run.
 */
export function namesOfSubmit(github: Named, targets: readonly string[]): ReadonlyMap<string, string> {
  const { check_template: template, check_name: name } = github;
  if (template === '') return new Map();
  const leg = placeName(github);
  const isOne = targets.length === 1 && leg === undefined && name !== '';
  return checkNames(template ?? (isOne ? name : standard), targets, leg);
}

/** What tells this submit from others of one workflow: the leg, the call of a reusable workflow, the second use in a job. */
function placeName(github: Named): string | undefined {
  const words = [legName(github), callOf(github), useOf(github)].filter((word) => word !== undefined);
  return words.length === 0 ? undefined : shortName(words.join(', '), maxLeg);
}

/** GitHub names a job of a reusable workflow `first call / app tests`. */
export function callOf({ check_run_name: name = '' }: Pick<Github, 'check_run_name'>): string | undefined {
  const end = name.lastIndexOf(' / ');
  return end <= 0 ? undefined : name.slice(0, end);
}

/** `#2`: the runner names a step without an id by its action, the second use in a job with `_2` behind. */
function useOf({ step = '' }: Named): string | undefined {
  const number = /^__.+_(\d{1,3})$/.exec(step)?.[1];
  return number && `#${number}`;
}

/** How a leg of a matrix is called: by its values, or by digits where a submit does not say them. Undefined: there is no matrix. */
export const legName = ({ leg, leg_name: name }: Pick<Github, 'leg' | 'leg_name'>): string | undefined =>
  name ?? leg?.slice(0, 8);

/** The values of a matrix as GitHub names a leg by them, `ubuntu-latest, 3`; undefined in a job without a matrix. */
export function legWords(matrix: string): string | undefined {
  const values = leaves(parse(matrix)).map(String);
  return values.length === 0 ? undefined : shortName(values.join(', '), maxLeg);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const leaves = (value: unknown): unknown[] => {
  if (value === null || value === undefined) return [];
  return typeof value === 'object' ? Object.values(value).flatMap(leaves) : [value];
};
