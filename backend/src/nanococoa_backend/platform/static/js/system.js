// The state of the system, looked at again every ten seconds: when anything has changed, that part is shown anew.
import { $ } from './app.js';

const PAUSE = 10_000;

async function look() {
  if (document.visibilityState === 'visible') await renew().catch(() => {});   // away for a moment: the next look tells
  setTimeout(look, PAUSE);
}

async function renew() {
  const answer = await fetch('/api/v1/system');
  if (!answer.ok || (await answer.json()).version === $('[data-live]').dataset.version) return;
  const page = await fetch('/system');
  const fresh = $('[data-live]', new DOMParser().parseFromString(await page.text(), 'text/html'));
  if (page.ok && fresh && !$('[data-live]').contains(document.activeElement)) $('[data-live]').replaceWith(fresh);
}

setTimeout(look, PAUSE);
