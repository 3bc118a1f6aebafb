// Those of answer-outlines.ts that are about borrowed devices.

const borrow = {
  ...{ borrow_id: 's', target: 's', borrowed_by: 's', requested_at: 's' },
  ...{ org_id: 's?', device_id: 's?', note: 's?', run_id: 's?', job_id: 's?', waits_for: 's?' },
  ...{ borrowed_at: 's?', borrowed_until: 's?', ended_at: 's?' },
  ...{ status: 'w', ended_as: 'w?', device: 'BorrowedDevice?', minutes: 'n', position: 'n?' },
} as const;

export const borrowOutlines = {
  BorrowedDevice: {
    ...{ device_id: 's', name: 's', agent_id: 's', agent: 's' },
    ...{ platform: 's?', os_version: 's?', labels: 'o' },
  },
  Borrow: borrow,
} as const;

export const borrowAnswers = {
  borrowDevice: borrow,
  returnDevice: borrow,
  createBorrow: borrow,
  listBorrows: { borrows: '[Borrow]', next_cursor: 's?' },
  getBorrow: borrow,
  extendBorrow: borrow,
  returnBorrow: borrow,
} as const;
