// What every page shares: theme, menus, notices, and forms that are sent once. Pages work without it.
export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

const root = document.documentElement;
const YEAR = 365 * 86400;

export function toast(text) {
  $('.toast')?.remove();
  const note = Object.assign(document.createElement('p'), { className: 'toast', textContent: text });
  note.setAttribute('role', 'status');
  document.body.append(note);
  setTimeout(() => note.remove(), 4000);
}

// Server-sent events, also after an answer that ends them for a browser, such as the 502 of a door whose service restarts.
export function follow(url, listeners) {
  let source, failures = 0, over = false;
  const open = () => {
    if (over) return;
    source = new EventSource(url);
    for (const [name, heard] of Object.entries(listeners)) source.addEventListener(name, event => { failures = 0; heard(event); });
    source.addEventListener('error', () => {
      if (source.readyState !== EventSource.CLOSED) return;   // the browser tries again by itself
      failures += 1;
      setTimeout(open, Math.min(30, 2 ** failures) * 1000);
    });
  };
  open();
  return { close() { over = true; source.close(); } };
}

// While a service is away, a browser would leave for an error page, the door's or its own, and might stay there. What is
// answered with an error of its own (a 500) is not waited for: it may stay so.
const AWAY = [502, 503, 504];
export async function whenAnswered(page = location.href) {
  for (let pause = 1; ; pause = Math.min(15, 2 * pause)) {
    try {
      const answer = await fetch(page, { cache: 'no-store' });
      if (!AWAY.includes(answer.status)) return answer;
    } catch { /* asked again */ }
    await new Promise(resolve => setTimeout(resolve, pause * 1000));
  }
}

// A picture that was asked for while its service was away comes by itself, one after another; one that is gone stays so.
let brought = Promise.resolve();
function bring(picture) {
  const { src, dataset } = picture;
  if (dataset.brought === src || !src.startsWith(location.origin)) return;
  dataset.brought = src;
  brought = brought.then(async () => {
    const answer = await whenAnswered(src);
    if (answer.ok && picture.src === src) picture.src = src;
  });
}

export async function post(url, body) {
  const answer = await fetch(url, { method: 'POST', body, headers: { 'X-CSRF-Token': $('meta[name="csrf"]').content } });
  if (!answer.ok) throw new Error((await answer.json().catch(() => null))?.error?.message ?? '');
  return answer.json();
}

const isDark = () => (root.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';

function showTheme() {
  for (const button of $$('[data-theme-toggle]')) {
    button.hidden = false;
    button.setAttribute('aria-pressed', String(isDark()));
  }
}

function flipTheme() {
  root.dataset.theme = isDark() ? 'light' : 'dark';
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  document.cookie = `nanococoa_theme=${root.dataset.theme}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
  showTheme();
}

function showConnection() {
  $('[data-offline]').hidden = navigator.onLine;
}

document.addEventListener('click', event => {
  if (event.target.closest('[data-theme-toggle]')) flipTheme();
  for (const menu of $$('details[data-menu][open]')) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener('keydown', event => {
  const menu = event.key === 'Escape' && $('details[data-menu][open]');
  if (menu) { menu.open = false; $('summary', menu).focus(); }
});
document.addEventListener('submit', event => {
  const form = event.target.closest('[data-once]');
  if (!form || event.defaultPrevented) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = 'yes';
  if (form.dataset.busy) toast(form.dataset.busy);
  setTimeout(() => $$('button[type="submit"]', form).forEach(button => { button.disabled = true; }));
});
addEventListener('pageshow', event => {   // back from the next page: the form may be sent again
  if (!event.persisted) return;
  for (const form of $$('[data-sent]')) { delete form.dataset.sent; $$('button', form).forEach(button => { button.disabled = false; }); }
});
document.addEventListener('error', event => { if (event.target instanceof HTMLImageElement) bring(event.target); }, true);
addEventListener('online', showConnection);
addEventListener('offline', showConnection);

showTheme();
showConnection();
for (const picture of document.images) if (picture.complete && !picture.naturalWidth) bring(picture);
$$('[data-without-script]').forEach(part => { part.hidden = true; });
$$('[data-send]').forEach(input => input.addEventListener('change', () => { if (input.files.length) input.form.requestSubmit(); }));
$$('[data-needs-script]').forEach(part => { part.hidden = false; });
const said = $('[data-toast]');
if (said) setTimeout(() => said.remove(), $('form', said) ? 10000 : 4000);
