// Live progress of one ad. Without a stream (or without scripts) the page is asked again now and then.
import { $, $$, follow, whenAnswered } from './app.js';

const page = $('[data-progress]'), words = $('[data-words]').dataset;

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

const stream = follow(page.dataset.events, {
  progress: event => show(JSON.parse(event.data)),
  async end(event) {
    stream.close();
    show(JSON.parse(event.data));
    await whenAnswered(page.dataset.page);
    location.replace(page.dataset.page);
  },
});

for (const button of $$('[data-open]')) button.addEventListener('click', () => $(`#${button.dataset.open}`).showModal());
for (const button of $$('[data-close]')) button.addEventListener('click', () => button.closest('dialog').close());
