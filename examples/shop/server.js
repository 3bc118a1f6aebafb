import { createServer } from 'node:http';
import { page } from './page.js';
import { totalOf } from './prices.js';

/** A small shop: accounts, a catalogue, a cart, a checkout. All data is in memory; amounts are in cents. */
const goods = [
  { id: 'mug', name: 'Mug', price: 12_50 },
  { id: 'shirt', name: 'T-shirt', price: 25_00 },
  { id: 'poster', name: 'Poster', price: 8_00 },
];
const accounts = new Map();
const carts = new Map();
const orders = [];

const cartOf = (id) => carts.get(id) ?? [];
const cartView = (id) => ({ lines: cartOf(id), total: totalOf(cartOf(id)) });

/** The calls of the API. Each returns [status, body]. */
const calls = {
  'GET /api/goods': ({ query }) => {
    const wanted = query.get('q')?.toLowerCase() ?? '';
    return [200, goods.filter(({ name }) => name.toLowerCase().includes(wanted))];
  },
  'POST /api/accounts': ({ body }) => {
    if (!/^\S+@\S+\.\S+$/.test(body.email ?? '')) return [400, { error: 'an e-mail address is needed' }];
    if (accounts.has(body.email)) return [409, { error: 'there is an account with this address' }];
    accounts.set(body.email, { password: body.password });
    return [201, { email: body.email }];
  },
  'POST /api/sessions': ({ body }) => {
    const account = accounts.get(body.email);
    if (!account || account.password !== body.password) return [401, { error: 'wrong address or password' }];
    return [201, { session: `session-of-${body.email}` }];
  },
  'GET /api/cart': ({ query }) => [200, cartView(query.get('cart'))],
  'POST /api/cart': ({ query, body }) => {
    const item = goods.find(({ id }) => id === body.id);
    if (!item) return [404, { error: `there is no ${body.id}` }];
    carts.set(query.get('cart'), [...cartOf(query.get('cart')), { ...item, quantity: body.quantity ?? 1 }]);
    return [201, cartView(query.get('cart'))];
  },
  'POST /api/orders': ({ query }) => {
    const { lines, total } = cartView(query.get('cart'));
    if (lines.length === 0) return [409, { error: 'the cart is empty' }];
    carts.delete(query.get('cart'));
    orders.push({ number: orders.length + 1, total });
    return [201, orders.at(-1)];
  },
};

async function readBody(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text === '' ? {} : JSON.parse(text);
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://shop');
  if (url.pathname === '/') {
    response.setHeader('content-type', 'text/html; charset=utf-8').end(page(goods));
    return;
  }
  const call = calls[`${request.method} ${url.pathname}`];
  const [status, body] = call
    ? call({ query: url.searchParams, body: await readBody(request) })
    : [404, { error: 'no such call' }];
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  // The first line of output is the address; the parent process reads it.
  console.log(`http://127.0.0.1:${server.address().port}`);
});
