// A cut-out under way: look again now and then, and show the page anew when it is done.
import { $ } from './app.js';

const stage = $('[data-pending]');
let pause = 800;

async function look() {
  const answer = await fetch(stage.dataset.pending).catch(() => null);
  if (answer?.ok && (await answer.json()).cutout?.status !== 'pending') { location.reload(); return; }
  pause = Math.min(pause * 1.3, 8000);
  setTimeout(look, pause);
}

if (stage) setTimeout(look, pause);
