import { expect, test } from 'vitest';
import { checkNames, legWords, namesOfSubmit } from './check-names.ts';

const names = (template: string, targets: string[], leg?: string) => [
  ...checkNames(template, targets, leg).values(),
];

test('a check run is named by its target, and in a matrix by its leg too', () => {
  const standard = 'qgjob (<target>)';
  expect(names(standard, ['emulator', 'device/pixel-8'])).toEqual([
    'qgjob (emulator)',
    'qgjob (device/pixel-8)',
  ]);
  expect(names(standard, ['emulator'], 'ubuntu, 3')).toEqual(['qgjob (emulator, ubuntu, 3)']);
});

test('a name of the workflow stays as it is while it names one check run, and is made to tell several apart', () => {
  expect(names('app tests', ['emulator'])).toEqual(['app tests']);
  expect(names('app tests', ['emulator'], 'ubuntu')).toEqual(['app tests (emulator, ubuntu)']);
  expect(names('app tests', ['a', 'b'])).toEqual(['app tests (a)', 'app tests (b)']);
  expect(names('<target>: $& tests', ['a'])).toEqual(['a: $& tests']);
});

test('the words of a leg are the values of the matrix', () => {
  expect(legWords('{"os":"ubuntu-latest","shard":3,"app":{"name":"x","beta":true}}')).toBe(
    'ubuntu-latest, 3, x, true',
  );
  expect(['null', '{}', '', 'no json'].map(legWords)).toEqual(Array(4).fill(undefined));
  expect(legWords(JSON.stringify({ a: `x\n${'y'.repeat(200)}` }))?.length).toBe(80);
});

test('names that are too long stay two: each is cut, and ends with digits of its own', () => {
  const long = 'x'.repeat(300);
  const [one, two] = [names(long, ['emulator', 'device']), names(long, ['emulator', 'device'], 'ubuntu')];
  expect(new Set([...one, ...two]).size).toBe(4);
  expect([...one, ...two].map((name) => name.length)).toEqual([200, 200, 200, 200]);
  const legs = ['a', 'b'].map((end) => legWords(JSON.stringify({ shard: `${'y'.repeat(200)}${end}` })));
  expect(legs[0]).not.toBe(legs[1]);
});

test('the names of a submit are those of the Action; one without a template has its own name while that is one', () => {
  const of = (github: object, targets = ['emulator']) => [
    ...namesOfSubmit({ check_name: 'mine', ...github }, targets).values(),
  ];
  expect(of({ check_template: 'app <target>', leg: 'a1b2c3d4e5', leg_name: 'linux, 3' })).toEqual([
    'app emulator, linux, 3',
  ]);
  expect(of({ check_template: '' })).toEqual([]);
  expect(of({})).toEqual(['mine']);
  expect(of({ check_name: '' })).toEqual(['qgjob (emulator)']);
  expect(of({ leg: 'a1b2c3d4e5' })).toEqual(['qgjob (emulator, a1b2c3d4)']);
  expect(of({}, ['emulator', 'device'])).toEqual(['qgjob (emulator)', 'qgjob (device)']);
});

test('calls of a reusable workflow and a second use in a job have names of their own, so that no pass hides a failure', () => {
  const of = (github: object) => [
    ...namesOfSubmit({ check_name: 'x', check_template: 'q (<target>)', ...github }, ['e']).values(),
  ];
  expect(of({ check_run_name: 'first call / app tests', step: '__org_qgjob-action' })).toEqual([
    'q (e, first call)',
  ]);
  expect(of({ check_run_name: 'second call / app tests' })).toEqual(['q (e, second call)']);
  expect(of({ check_run_name: 'app tests', step: '__org_qgjob-action_2' })).toEqual(['q (e, #2)']);
  expect(of({ check_run_name: 'app tests', step: 'tests_2' })).toEqual(['q (e)']);
  expect(of({ leg: 'a1', leg_name: 'linux', check_run_name: 'a / b (linux)', step: '__self_3' })).toEqual([
    'q (e, linux, a, #3)',
  ]);
});
