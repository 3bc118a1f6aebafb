// All rows of its table.
import './action-runners.test.ts';
