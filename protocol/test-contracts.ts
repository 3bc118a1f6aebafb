import { AddQuarantine, Quarantine, QuarantineFilters, QuarantineList } from './shapes/quarantine.ts';
import { TestDetails, TestFilters, TestList } from './shapes/test.ts';

/** Of the calls about tests: the flake ledger and quarantines. */
export const testContracts = {
  listTests: { query: TestFilters, answer: TestList },
  getTest: { answer: TestDetails },
  addQuarantine: { body: AddQuarantine, answer: Quarantine },
  listQuarantines: { query: QuarantineFilters, answer: QuarantineList },
  removeQuarantine: { answer: 'none' },
} as const;
