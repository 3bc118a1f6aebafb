// All rows of its table.
import './action-superseded.test.ts';
