// All rows of its table.
import './action-cancel-phases.test.ts';
