// A finished ad: another size is shown without leaving the page; its address and its file follow.
import { $, $$ } from './app.js';

const sizes = $$('[data-size]'), picture = $('[data-shown]'), download = $('[data-download]');

function show(link) {
  picture.src = link.dataset.size;
  picture.removeAttribute('width');
  picture.removeAttribute('height');
  picture.alt = link.dataset.name;
  download.href = link.dataset.file;
  for (const other of sizes) {
    if (other === link) other.setAttribute('aria-current', 'true');
    else other.removeAttribute('aria-current');
  }
  history.replaceState(null, '', link.href);
}

for (const link of sizes) {
  link.addEventListener('click', event => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    show(link);
  });
}
