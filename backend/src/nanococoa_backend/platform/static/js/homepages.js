// A homepage: how far its wishes are, and one more question before the world sees it. Pages work without it.
import { $, $$ } from './app.js';

const page = $('[data-task]'), words = $('[data-words]')?.dataset;
let failures = 0;

function show(state) {
  const headline = $('[data-headline]');
  if (headline.textContent !== state.headline) headline.textContent = state.headline;
  $('[data-bar]').value = state.percent;
  $('[data-percent]').textContent = state.percent;
  $('[data-line]').textContent = state.line;
  for (const step of state.steps) mark($(`[data-step="${step.name}"]`), step.state);
  const newest = state.screenshots.at(-1);
  if (newest && $('[data-shots]')) picture(newest);
}

function mark(item, state) {
  if (!item || item.classList.contains(state)) return;
  item.className = state;
  if (state === 'now') item.setAttribute('aria-current', 'step');
  else item.removeAttribute('aria-current');
  $('[data-state]', item).textContent = words[state];
}

function picture(address) {
  if ($('[data-shots] img')?.getAttribute('src') === address) return;
  const next = Object.assign(new Image(), { src: address, alt: $('[data-shot-alt]').content.textContent });
  next.addEventListener('load', () => $('[data-shots]').replaceChildren(next));
}

function listen() {
  const source = new EventSource(page.dataset.task);
  source.addEventListener('progress', event => { failures = 0; show(JSON.parse(event.data)); });
  source.addEventListener('end', () => { source.close(); again(); });
  source.addEventListener('error', () => {
    if (source.readyState !== EventSource.CLOSED) return;   // the browser tries again by itself
    failures += 1;
    setTimeout(listen, Math.min(30, 2 ** failures) * 1000);
  });
}

// What is being typed is not lost: the page is asked for anew when nothing is.
function again() {
  const typed = $('#say');
  if (typed && (typed.value || document.activeElement === typed)) typed.addEventListener('blur', again, { once: true });
  else location.reload();
}

for (const form of $$('[data-confirm]')) {
  const dialog = $(`#${form.dataset.confirm}`);
  form.addEventListener('submit', event => {
    if (dialog.returnValue === 'go') return;
    event.preventDefault();
    event.stopPropagation();
    dialog.showModal();
  }, true);
  $('[data-go]', dialog).addEventListener('click', () => { dialog.close('go'); form.requestSubmit(); });
  $('[data-close]', dialog).addEventListener('click', () => dialog.close());
}
if (page) listen();
