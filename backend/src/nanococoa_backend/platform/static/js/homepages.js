// A homepage: how far its wishes are, and one more question before the world sees it. Pages work without it.
import { $, $$, follow, whenAnswered } from './app.js';

const page = $('[data-task]'), words = $('[data-words]')?.dataset;

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
  const stream = follow(page.dataset.task, {
    progress: event => show(JSON.parse(event.data)),
    async end() { stream.close(); await whenAnswered(); again(); },
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

// The frame came while its service was away: what stands in it then is the door's or the browser's, which nobody may read.
const LATER = 5000;   // milliseconds
for (const frame of $$('iframe[data-preview]')) {
  const look = () => {
    if (frame.contentDocument) return;
    setTimeout(async () => { await whenAnswered(frame.src); frame.src = frame.getAttribute('src'); }, LATER);
  };
  frame.addEventListener('load', look);
  look();
}
