import * as fc from 'fast-check';

/** One step of a sequence. Numbers select among what exists at that step. */
export type Operation =
  | {
      readonly do: 'submit';
      readonly org: number;
      readonly app: number;
      readonly tests: number;
      readonly retries: number;
      readonly key: number;
      readonly twice: boolean;
      readonly newest: boolean;
      /** Its `max_failures`; 0: none. */
      readonly most: number;
      /** It executes its first test so often, as a hunt; 0: it is none. */
      readonly hunts: number;
      /** After a failure its device is held. */
      readonly holds: boolean;
    }
  | { readonly do: 'register'; readonly agent: number; readonly anew: boolean }
  | {
      readonly do: 'take';
      readonly agent: number;
      readonly device: number;
      readonly server: number;
      readonly twice: boolean;
      readonly meanwhile: boolean;
    }
  | {
      readonly do: 'take-again' | 'release' | 'heartbeat' | 'upload';
      readonly lease: number;
      readonly job: number;
    }
  | { readonly do: 'start'; readonly lease: number; readonly job: number }
  | {
      readonly do: 'finish';
      readonly lease: number;
      readonly job: number;
      readonly verdict: number;
      readonly twice: boolean;
    }
  | {
      readonly do: 'race';
      readonly lease: number;
      readonly job: number;
      readonly verdict: number;
      readonly rival: number;
    }
  | { readonly do: 'attempts'; readonly agent: number; readonly verdicts: readonly number[] }
  /** The token of one lease, used on another one. */
  | {
      readonly do: 'steal';
      readonly lease: number;
      readonly other: number;
      readonly job: number;
      readonly act: number;
    }
  | { readonly do: 'installed'; readonly lease: number; readonly how: number }
  | { readonly do: 'cancel'; readonly job: number; readonly wholeRun: boolean }
  | { readonly do: 'retry'; readonly run: number }
  | { readonly do: 'cap'; readonly org: number; readonly most: number }
  | { readonly do: 'pause'; readonly org: number; readonly on: boolean }
  | { readonly do: 'take-all'; readonly org: number; readonly most: number }
  /** Of a device, or of the target where it is 2. Two servers grant at the same moment. */
  | {
      readonly do: 'borrow';
      readonly org: number;
      readonly agent: number;
      readonly device: number;
      readonly minutes: number;
    }
  | { readonly do: 'return'; readonly borrow: number }
  /** A device is asked for by a person and requests a lease at the same moment. */
  | { readonly do: 'borrow-race'; readonly agent: number; readonly device: number; readonly server: number }
  | { readonly do: 'pass-time'; readonly ms: number }
  | { readonly do: 'tick' | 'rescue' };

const n = (max: number) => fc.nat({ max });
const step = <K extends Operation['do'], R extends Record<string, fc.Arbitrary<unknown>>>(name: K, rest: R) =>
  fc.record({ do: fc.constant(name), ...rest }) as unknown as fc.Arbitrary<Operation>;

/** Mostly one of the verdicts that come from tests, which are the first in the list. */
const oftenOfTests = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 9, max: 19 }) },
  { weight: 1, arbitrary: n(20) },
);

/** Operations that may race with a verdict of the same job. */
export const rivals = ['finish', 'cancel', 'rescue', 'release', 'start', 'register'] as const;

/** Weighted as in practice: most steps change a job, few are faults. */
export const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 4,
    arbitrary: step('submit', {
      org: n(1),
      app: n(1),
      tests: n(5),
      retries: n(2),
      key: n(5),
      twice: fc.boolean(),
      newest: fc.boolean(),
      most: n(3),
      // One of six is a hunt, and one a run that holds its devices.
      hunts: fc.oneof(
        { weight: 5, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 4 }) },
      ),
      holds: n(5).map((one) => one === 0),
    }),
  },
  { weight: 2, arbitrary: step('register', { agent: n(2), anew: fc.boolean() }) },
  {
    weight: 8,
    arbitrary: step('take', {
      agent: n(2),
      device: n(1),
      server: n(1),
      twice: fc.boolean(),
      meanwhile: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: step('take-again', { lease: n(9), job: n(3) }) },
  { weight: 1, arbitrary: step('release', { lease: n(9), job: n(3) }) },
  { weight: 2, arbitrary: step('heartbeat', { lease: n(9), job: n(3) }) },
  { weight: 1, arbitrary: step('upload', { lease: n(9), job: n(3) }) },
  { weight: 8, arbitrary: step('start', { lease: n(9), job: n(3) }) },
  { weight: 9, arbitrary: step('finish', { lease: n(9), job: n(3), verdict: n(20), twice: fc.boolean() }) },
  {
    weight: 5,
    arbitrary: step('race', { lease: n(3), job: n(3), verdict: n(20), rival: n(rivals.length - 1) }),
  },
  {
    weight: 3,
    arbitrary: step('attempts', {
      agent: n(2),
      verdicts: fc.array(oftenOfTests, { minLength: 2, maxLength: 4 }),
    }),
  },
  { weight: 3, arbitrary: step('steal', { lease: n(9), other: n(9), job: n(3), act: n(4) }) },
  { weight: 2, arbitrary: step('installed', { lease: n(9), how: n(4) }) },
  { weight: 3, arbitrary: step('cancel', { job: n(9), wholeRun: fc.boolean() }) },
  { weight: 1, arbitrary: step('retry', { run: n(5) }) },
  { weight: 1, arbitrary: step('cap', { org: n(1), most: n(2) }) },
  {
    weight: 1,
    arbitrary: step('borrow', { org: n(1), agent: n(2), device: n(2), minutes: fc.constantFrom(1, 10, 480) }),
  },
  { weight: 1, arbitrary: step('return', { borrow: n(3) }) },
  { weight: 1, arbitrary: step('borrow-race', { agent: n(2), device: n(1), server: n(1) }) },
  { weight: 1, arbitrary: step('pause', { org: n(1), on: fc.boolean() }) },
  { weight: 4, arbitrary: step('take-all', { org: n(1), most: n(2) }) },
  { weight: 4, arbitrary: step('pass-time', { ms: fc.constantFrom(1, 5000, 20_000, 61_000, 1_000_000) }) },
  { weight: 2, arbitrary: step('tick', {}) },
  { weight: 2, arbitrary: step('rescue', {}) },
);
