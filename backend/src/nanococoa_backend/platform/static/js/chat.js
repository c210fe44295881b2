// A conversation that goes on by itself: words as they come, tools, ads under way. Without it every answer is a form.
import { $, $$, follow, toast, whenAnswered } from './app.js';

const place = $('[data-chat]');
const sayForm = $('#say');
const following = new Map();
let stream;

async function send(url, options = {}) {
  const answer = await fetch(url, { ...options, headers: { 'X-Part': '1', ...options.headers } });
  if (!answer.ok) throw new Error();
  return answer.text();
}

function show(html) {
  const open = $$('.call[open]', place).map(call => call.id);
  const atEnd = innerHeight + scrollY > document.body.scrollHeight - 240;
  place.replaceChildren(document.createRange().createContextualFragment(html));
  for (const call of $$('.call', place)) call.open = open.includes(call.id);
  $$('[data-without-script]', place).forEach(part => { part.hidden = true; });
  if (atEnd) $('#last').scrollIntoView({ block: 'end' });
  begin();
}

async function refresh() {
  try { show(await send(`${place.dataset.chat}/part`)); } catch { /* the next event tries again */ }
}

function begin() {
  if ($('[data-log]').dataset.open) followAnswer();
  for (const shot of $$('[data-ad]', place)) followAd(shot.dataset.ad);
}

function followAnswer() {
  if (stream) return;
  let first = true;
  stream = follow(`${place.dataset.chat}/events`, {
    changed() { if (!first) refresh(); first = false; },
    text(event) {
      const { text, percent, line } = JSON.parse(event.data);
      const words = $('[data-words]', place), said = $('[data-typing] [data-line]', place);
      if (words && text) words.textContent = text;
      if (said && line) said.textContent = percent === null ? line : `${line} ${percent}%`;
    },
    async end() { stream.close(); stream = undefined; await whenAnswered(); refresh(); },
  });
}

function followAd(url) {
  if (following.has(url)) return;
  const shown = () => $(`[data-ad="${url}"]`, place);
  following.set(url, follow(url, {
    progress(event) {
      const { percent, headline, line } = JSON.parse(event.data), card = shown();
      if (!card) return;
      $('[data-bar]', card).value = percent;
      $('[data-head]', card).textContent = headline;
      $('[data-line]', card).textContent = line;
    },
    async end() { following.get(url).close(); following.delete(url); await whenAnswered(); refresh(); },
  }));
}

document.addEventListener('submit', async event => {
  const form = event.target.closest('[data-say]');
  if (!form) return;
  event.preventDefault();
  if (form.dataset.sent) return;
  form.dataset.sent = 'yes';
  const body = new URLSearchParams(new FormData(form, event.submitter));
  try {
    const html = await send(form.action, { method: 'POST', body });
    if (form === sayForm) { form.reset(); form.elements.key.value = crypto.randomUUID?.() ?? String(Math.random()).slice(2); }
    show(html);
    $('#last').scrollIntoView({ block: 'end' });
  } catch {
    HTMLFormElement.prototype.submit.call(form);   // the page itself says what is wrong
  }
  delete form.dataset.sent;
});

begin();
$('#last').scrollIntoView({ block: 'end' });
