// Devices that persons have for a while: what other rooms and the callers of the queue may use of this room.
export { endBorrow, returnDevice } from './end-borrow.ts';
export { extendBorrow } from './extend-borrow.ts';
export { grantBorrows } from './grant-borrows.ts';
export { listBorrows, readBorrow, watchBorrow } from './read-borrows.ts';
export { type BorrowRequest, type Requested, requestBorrow } from './request-borrow.ts';
export { settleBorrows } from './settle-borrows.ts';
