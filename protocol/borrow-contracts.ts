import {
  Borrow,
  BorrowDevice,
  BorrowList,
  BorrowPageQuery,
  BorrowPollQuery,
  CreateBorrow,
  ExtendBorrow,
} from './shapes/borrow.ts';

/** The shapes of the calls about borrowed devices. */
export const borrowContracts = {
  borrowDevice: { body: BorrowDevice, answer: Borrow },
  returnDevice: { answer: Borrow },
  createBorrow: { body: CreateBorrow, answer: Borrow },
  listBorrows: { query: BorrowPageQuery, answer: BorrowList },
  getBorrow: { query: BorrowPollQuery, answer: Borrow },
  extendBorrow: { body: ExtendBorrow, answer: Borrow },
  returnBorrow: { answer: Borrow },
} as const;
