// A photo for a new product: chosen, dropped, pasted or taken; shown before it is sent.
import { $ } from './app.js';

const drop = $('[data-drop]'), input = $('input[type="file"]', drop), preview = $('[data-preview]', drop), picture = $('img', preview);

function show() {
  const file = input.files[0];
  if (picture.src) URL.revokeObjectURL(picture.src);
  preview.hidden = !file;
  if (file) picture.src = URL.createObjectURL(file);
}

function take(files) {
  const images = [...files].filter(file => file.type.startsWith('image/'));
  if (!images.length) return false;
  const chosen = new DataTransfer();
  chosen.items.add(images[0]);
  input.files = chosen.files;
  show();
  return true;
}

input.addEventListener('change', show);
picture.addEventListener('error', () => { preview.hidden = true; });   // HEIC on a browser that can't show it: still sent
for (const kind of ['dragenter', 'dragover']) drop.addEventListener(kind, event => { event.preventDefault(); drop.classList.add('over'); });
for (const kind of ['dragleave', 'drop']) drop.addEventListener(kind, () => drop.classList.remove('over'));
drop.addEventListener('drop', event => { event.preventDefault(); take(event.dataTransfer.files); });
document.addEventListener('paste', event => { if (take(event.clipboardData?.files ?? [])) event.preventDefault(); });

const buttons = $('[data-camera]');
buttons.hidden = !matchMedia('(pointer: coarse)').matches;   // a phone: its camera is one touch away
$('[data-shoot]').addEventListener('click', () => { input.setAttribute('capture', 'environment'); input.click(); });
$('[data-choose]').addEventListener('click', () => { input.removeAttribute('capture'); input.click(); });
