// All rows of its table.
import './action-scenarios.test.ts';
