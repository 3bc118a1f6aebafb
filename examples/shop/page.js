const euros = (cents) => (cents / 100).toFixed(2);

/** The only page of the shop: the goods and a cart, which the API stores. */
export const page = (goods) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>The shop</title>
  </head>
  <body>
    <h1>The shop</h1>
    <ul>
      ${goods
        .map(
          ({ id, name, price }) =>
            `<li>${name}, ${euros(price)} <button data-id="${id}">Add ${name}</button></li>`,
        )
        .join('\n      ')}
    </ul>
    <p>Total: <output id="total">0.00</output></p>
    <script>
      const cart = crypto.randomUUID();
      for (const button of document.querySelectorAll('button')) {
        button.addEventListener('click', async () => {
          const answer = await fetch('/api/cart?cart=' + cart, {
            method: 'POST',
            body: JSON.stringify({ id: button.dataset.id }),
          });
          const { total } = await answer.json();
          document.querySelector('#total').textContent = (total / 100).toFixed(2);
        });
      }
    </script>
  </body>
</html>
`;
