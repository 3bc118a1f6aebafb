// @ts-check
// What every page does where scripts run. Without them every page works too.

document.documentElement.classList.add('scripted');

document.addEventListener('submit', (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const question = form.dataset.confirm;
  if (question !== undefined && !confirm(question)) event.preventDefault();
});

document.addEventListener('change', (event) => {
  const input = /** @type {HTMLElement} */ (event.target);
  if (input.dataset.submits !== undefined) input.closest('form')?.requestSubmit();
});

const { events } = document.body.dataset;
if (events !== undefined) import('./live.js').then(({ follow }) => follow(events));
if (document.querySelector('[data-log]')) import('./log.js').then(({ openLog }) => openLog());
