// Saving a new version: sent once, followed until it is drawn, kept in the browser while there is no way out.
import { $ } from './app.js';

const FIRST = 300, LONGEST = 2000;
const pause = ms => new Promise(done => setTimeout(done, ms));
const token = () => $('meta[name="csrf"]').content;

export class Failure extends Error {
  constructor(status, error) { super(error?.message ?? ''); Object.assign(this, { status, code: error?.code, details: error?.details ?? {} }); }
}

// Without an answer the failure has no words of its own: a browser's are not for people.
export async function ask(url, body = null, headers = {}) {
  const options = body ? { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': token(), ...headers } } : {};
  const answer = await fetch(url, options).catch(() => { throw new Failure(0); });
  if (!answer.ok) throw new Failure(answer.status, (await answer.json().catch(() => null))?.error);
  return answer.json();
}

export class Saving {
  constructor(model, say, tell) { Object.assign(this, { model, say, tell, busy: false, key: null }); }

  // The new version's id, or null when there was nothing to do or the person looks at another version first.
  async save() {
    const { model, say, tell } = this, order = model.order();
    if (this.busy) return null;
    if (!model.changed || !(Object.keys(order.edits).length || order.fields || order.style || order.font_family)) { tell(say.nothing); return null; }
    if (!navigator.onLine) { model.keep(true); tell(''); return null; }
    this.busy = true;
    try {
      return await this.#sent({ ...order, locale: document.documentElement.lang });
    } finally {
      this.busy = false;
    }
  }

  async #sent(order) {
    const { model, say, tell } = this, url = `/api/v1/ads/${model.view.ad_id}`;
    const text = JSON.stringify(order);
    if (this.sent !== text) Object.assign(this, { sent: text, key: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}` });
    tell(say.drawing.replace('{count}', this.#count(order)), true);
    try {
      let edit = await ask(`${url}/versions`, order, { 'Idempotency-Key': this.key });
      for (let wait = FIRST; edit.status === 'waiting'; wait = Math.min(LONGEST, wait * 1.3)) {
        await pause(wait);
        edit = await this.#look(`${url}/edits/${edit.id}`, edit);
        if (edit.tries > 1) tell(say.waiting, true);
      }
      if (edit.status === 'failed') { this.sent = null; throw new Failure(0, edit.problem); }
      model.forget();
      return edit.version_id;
    } catch (problem) {
      if (problem.details?.current_version) return this.#conflict(order, problem.details);
      model.keep(false);
      tell(problem.message || say.failed);
      return null;
    }
  }

  // A look that fails while the line is down is no failure of the version: it is asked again.
  async #look(url, edit) {
    try { return await ask(url); } catch (problem) { if (problem.status) throw problem; return edit; }
  }

  async #conflict(order, { current_version: current, number }) {
    const sheet = $('#conflict'), { say } = this, put = text => text.replace('{number}', number);
    $('[data-conflict-title]').textContent = put(say.conflict);
    $('[data-conflict-theirs]').textContent = put(say.conflict_theirs);
    this.tell('');
    sheet.returnValue = '';
    sheet.showModal();
    await new Promise(done => sheet.addEventListener('close', done, { once: true }));
    this.model.keep(false);
    if (sheet.returnValue === 'mine') return this.#sent({ ...order, base_version: current });
    if (sheet.returnValue === 'theirs') location.reload();
    return null;
  }

  #count(order) {
    return order.fields || order.style || order.font_family ? this.model.formats.length : Object.keys(order.edits).length;
  }
}
