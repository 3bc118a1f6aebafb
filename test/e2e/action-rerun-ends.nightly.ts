// All rows of its table.
import './action-rerun-ends.test.ts';
