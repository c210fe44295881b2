// Examples of an edit fill the field, so that one sees what can be asked for.
import { $, $$ } from './app.js';

for (const chip of $$('[data-examples] [data-text]')) {
  chip.addEventListener('click', () => {
    const field = $('#instruction');
    field.value = chip.dataset.text;
    field.focus();
  });
}
