// All rows of its table.
import './action-clock.test.ts';
