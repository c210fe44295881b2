// Live progress of one ad. Without a stream (or without scripts) the page is asked again now and then.
import { $, $$ } from './app.js';

const page = $('[data-progress]'), words = $('[data-words]').dataset;
let failures = 0;

function show(state) {
  const headline = $('[data-headline]');
  if (headline.textContent !== state.headline) headline.textContent = state.headline;
  $('[data-bar]').value = state.percent;
  $('[data-percent]').textContent = state.percent;
  $('[data-line]').textContent = state.line;
  $('[data-place]').textContent = state.place;
  for (const step of state.steps) mark($(`[data-step="${step.name}"]`), step.state);
  if (state.preview) preview(state.preview);
}

function mark(item, state) {
  if (!item || item.classList.contains(state)) return;
  item.className = state;
  if (state === 'now') item.setAttribute('aria-current', 'step');
  else item.removeAttribute('aria-current');
  $('[data-state]', item).textContent = words[state];
}

function preview(address) {
  const picture = $('[data-preview]');
  if (picture.getAttribute('src') === address) return;
  const next = new Image();
  next.addEventListener('load', () => {
    picture.src = address;
    picture.classList.remove('before');
    $('[data-painted]').hidden = false;
  });
  next.src = address;
}

function listen() {
  const source = new EventSource(page.dataset.events);
  source.addEventListener('progress', event => { failures = 0; show(JSON.parse(event.data)); });
  source.addEventListener('end', event => {
    source.close();
    show(JSON.parse(event.data));
    location.replace(page.dataset.page);
  });
  source.addEventListener('error', () => {
    if (source.readyState !== EventSource.CLOSED) return;   // the browser tries again by itself
    failures += 1;
    setTimeout(listen, Math.min(30, 2 ** failures) * 1000);
  });
}

for (const button of $$('[data-open]')) button.addEventListener('click', () => $(`#${button.dataset.open}`).showModal());
for (const button of $$('[data-close]')) button.addEventListener('click', () => button.closest('dialog').close());
listen();
