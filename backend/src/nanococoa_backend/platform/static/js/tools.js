// Examples of an edit fill the field, so that one sees what can be asked for. Answers under way appear when they come.
import { $, $$ } from './app.js';

for (const chip of $$('[data-examples] [data-text]')) {
  chip.addEventListener('click', () => {
    const field = $('#instruction');
    field.value = chip.dataset.text;
    field.focus();
  });
}

let pause = 800;

async function ended(address) {
  const answer = await fetch(address).catch(() => null);
  return answer?.status === 404 || (answer?.ok && ['done', 'failed'].includes((await answer.json()).status));
}

async function look() {
  const waiting = $('#notes').dataset.waiting.trim().split(' ');
  if ((await Promise.all(waiting.map(ended))).some(Boolean)) { await show(); pause = 800; }
  pause = Math.min(pause * 1.3, 8000);
  if ($('#notes')?.dataset.waiting) setTimeout(look, pause);
}

// Only the answers are shown anew: what is being typed beside them stays.
async function show() {
  const page = await fetch(location.href).catch(() => null);
  if (!page?.ok) return;
  const fresh = new DOMParser().parseFromString(await page.text(), 'text/html').querySelector('#notes');
  if (fresh) $('#notes').replaceWith(fresh); else $('#notes').remove();
}

if ($('#notes')?.dataset.waiting) setTimeout(look, pause);
