// The maker's rough preview follows every choice, suggestions follow the product; nothing is sent until 만들기.
import { $, $$ } from './app.js';

const form = $('#maker');
const picked = name => $(`[name="${name}"]:checked`, form);

function words() {
  const choice = picked('copy_text');
  if (!choice || choice.value === 'none') return {};
  if (choice.value !== 'own') return JSON.parse(choice.value);
  const names = ['headline', 'sub', 'price', 'unit'];
  return Object.fromEntries(names.map(name => [name, form.elements[name].value]));
}

function show() {
  const scene = picked('scene'), isOwnScene = scene?.value === 'own', copy = words();
  $('[data-ownscene]').hidden = !isOwnScene;
  $('[data-ownbox]').hidden = picked('copy_text')?.value !== 'own';
  for (const live of $$('[data-live]')) {
    if (scene?.dataset.picture) $('.bg', live).src = scene.dataset.picture;
    $('.bg', live).hidden = isOwnScene;
    $('.fg', live).src = picked('product').dataset.picture;
    $('b', live).textContent = copy.headline ?? '';
    $('.tx span', live).textContent = [copy.sub, copy.price, copy.unit].filter(Boolean).join(' ');
    live.classList.toggle('lite', 'dark' in (scene?.dataset ?? {}));
  }
  count();
}

function count() {
  const chosen = $$('[name="formats"]:checked', form).length;
  for (const button of $$('[data-make]')) {
    button.disabled = chosen === 0;
    const { none, one, many } = button.dataset;
    button.textContent = chosen === 0 ? none : chosen === 1 ? one : many.replace('#', chosen);
  }
}

function option(copy, isFirst) {
  const label = $('[data-copies] .pick').cloneNode(true), input = $('input', label);
  input.value = JSON.stringify(Object.fromEntries(Object.entries(copy).filter(([, text]) => text)));
  input.checked = isFirst;
  input.removeAttribute('data-own');
  const text = $('.option', label);
  text.className = 'option';
  text.replaceChildren(Object.assign(document.createElement('span'), { className: 'dot' }), lines(copy));
  return label;
}

function lines(copy) {
  const box = Object.assign(document.createElement('span'), { className: 'stack1' });
  const head = Object.assign(document.createElement('span'), { className: 'w7', textContent: copy.headline });
  const small = Object.assign(document.createElement('span'), { className: 't2 mute' });
  small.textContent = [copy.sub, copy.price, copy.unit].filter(Boolean).join(' · ');
  box.append(head, small);
  return box;
}

// At once by rule; what a language model finds comes later and takes away no choice that was made meanwhile.
async function suggest(by, isFirstPick) {
  const product = picked('product').value;
  const answer = await fetch(`/api/v1/products/${product}/copy?by=${by}`).catch(() => null);
  if (!answer?.ok || picked('product').value !== product) return;
  const { suggestions } = await answer.json(), list = $('[data-copies]'), chosen = picked('copy_text')?.value;
  const keeps = ['own', 'none'].includes(chosen);
  const fresh = suggestions.map((copy, index) => option(copy, index === 0 && isFirstPick && !keeps));
  const old = $$('.pick', list).filter(pick => !['own', 'none'].includes($('input', pick).value));
  const kept = isFirstPick || keeps ? [] : old.filter(pick => $('input', pick).checked);
  old.filter(pick => !kept.includes(pick)).forEach(pick => pick.remove());
  list.prepend(...kept, ...fresh.filter(pick => $('input', pick).value !== kept.map(one => $('input', one).value)[0]).slice(0, 3 - kept.length));
  form.elements.copy_for.value = product;
  show();
}

async function look(isNewProduct) {
  if (isNewProduct) await suggest('rule', true);
  if (!('model' in form.dataset)) return;
  const note = $('[data-looking]');
  note.hidden = false;
  await suggest('model', !touched);
  note.hidden = true;
}

let touched = false;   // whether the words were chosen by hand
form.addEventListener('change', event => {
  if (event.target.name === 'copy_text') touched = true;
  if (event.target.name === 'product') { touched = false; look(true); }
});
form.addEventListener('input', show);
const more = $('[data-showmore]');
if (more) {
  more.hidden = Boolean($('.later :checked'));
  $('[data-scenes]').classList.toggle('few', !more.hidden);
  more.addEventListener('click', () => {
    $('[data-scenes]').classList.remove('few');
    more.remove();
    $('.later input').focus();
  });
}
for (const button of $$('[data-open]')) button.addEventListener('click', () => $(`#${button.dataset.open}`).showModal());
for (const button of $$('[data-close]')) button.addEventListener('click', () => button.closest('dialog').close());

const links = $$('.steps-nav a');
const seen = new IntersectionObserver(entries => entries.filter(entry => entry.isIntersecting).forEach(entry => {
  for (const link of links) {
    if (link.hash === `#${entry.target.id}`) link.setAttribute('aria-current', 'step');
    else link.removeAttribute('aria-current');
  }
}), { rootMargin: '-20% 0px -75% 0px' });
$$('fieldset[id]').forEach(part => seen.observe(part));
show();
if ('model' in form.dataset && !['own', 'none'].includes(picked('copy_text')?.value)) look(false);
