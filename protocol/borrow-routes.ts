import { created, route } from './route.ts';

/** The calls about borrowed devices. */
export const borrowRoutes = {
  borrowDevice: route(
    'POST',
    '/v1/devices/:id/borrow',
    'submit',
    'Borrow a device, in turn with jobs; again: until later',
    { ...created, otherStatus: 200 },
  ),
  returnDevice: route('POST', '/v1/devices/:id/return', 'submit', 'Give back a borrowed device'),
  createBorrow: route(
    'POST',
    '/v1/borrows',
    'submit',
    'Borrow a device, or any device of a target, in turn with jobs',
    { ...created, otherStatus: 200 },
  ),
  listBorrows: route('GET', '/v1/borrows', 'read', 'What is borrowed, was, or is waited for, newest first'),
  getBorrow: route('GET', '/v1/borrows/:id', 'read', 'A borrow; held while it waits for its device'),
  extendBorrow: route('POST', '/v1/borrows/:id/extend', 'submit', 'Keep a borrowed device for longer'),
  returnBorrow: route(
    'POST',
    '/v1/borrows/:id/return',
    'submit',
    'Give back a borrowed device, or give up waiting for it',
  ),
} as const;
