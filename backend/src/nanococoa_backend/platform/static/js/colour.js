// The colour well beside a typed colour: either fills the other.
import { $, $$ } from './app.js';

for (const part of $$('[data-colour]')) {
  const well = $('.well', part), text = $('.in', part), swatch = $('rect', part);
  const paint = () => swatch.setAttribute('fill', /^#[0-9a-f]{6}$/i.test(text.value) ? text.value : 'none');
  well.hidden = text.disabled || text.closest('fieldset').disabled;
  well.addEventListener('input', () => { text.value = well.value; paint(); });
  text.addEventListener('input', () => { if (/^#[0-9a-f]{6}$/i.test(text.value)) well.value = text.value; paint(); });
}
