// A run under way: asked now and then; the page is shown anew when another ad is done, unless somebody is busy on it.
import { $ } from './app.js';

const page = $('[data-batch]');
let pause = 1500;

const isBusy = () => document.hidden || $('details[open]', page) || page.contains(document.activeElement);

async function look() {
  const answer = await fetch(page.dataset.batch).catch(() => null);
  if (answer?.ok) {
    const run = await answer.json(), done = run.total - run.making;
    $('[data-bar]').value = done;
    if (done !== Number(page.dataset.done) && (!isBusy() || run.making === 0)) { location.reload(); return; }
  }
  pause = Math.min(pause * 1.2, 6000);
  setTimeout(look, pause);
}

setTimeout(look, pause);
