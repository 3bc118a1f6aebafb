// All rows of its table.
import './action-network.test.ts';
