// The wall of ads: marks without leaving the page, what is being made goes on, links are copied.
import { $, $$, toast } from './app.js';

async function mark(button) {
  const wanted = button.value === 'true';
  const answer = await fetch(`/api/v1/ads/${button.dataset.favorite}`, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': $('meta[name="csrf"]').content },
    body: JSON.stringify({ is_favorite: wanted }),
  }).catch(() => null);
  if (!answer?.ok) { button.form.requestSubmit(button); return; }
  button.setAttribute('aria-pressed', String(wanted));
  button.value = String(!wanted);
}

async function look(row) {
  const answer = await fetch(row.dataset.making).catch(() => null);
  const ad = answer?.ok ? await answer.json() : null;
  if (ad && !ad.progress) { location.reload(); return; }
  if (ad) {
    $('progress', row).value = ad.progress.percent;
    if (ad.progress.step_title) $('[data-line]', row).textContent = ad.progress.step_title;
  }
  setTimeout(look, ad ? 2000 : 6000, row);
}

document.addEventListener('click', event => {
  const star = event.target.closest('[data-favorite]');
  if (star && !star.dataset.plain) { event.preventDefault(); mark(star); }
});
$$('[data-making]').forEach(row => setTimeout(look, 1500, row));
$$('[data-copy]').forEach(button => {
  button.hidden = !navigator.clipboard;
  button.addEventListener('click', async () => {
    const field = $(`#${button.dataset.copy}`);
    if (matchMedia('(pointer: coarse)').matches && navigator.share) { navigator.share({ url: field.value }).catch(() => {}); return; }
    await navigator.clipboard.writeText(field.value);
    toast(button.dataset.said);
  });
});
$$('input[readonly]').forEach(field => field.addEventListener('focus', () => field.select()));
