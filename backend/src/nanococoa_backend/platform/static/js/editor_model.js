// What is being edited: texts by format and field, undone and redone by snapshots, kept in the browser until saved.
const PLAIN = { text: null, dx: 0, dy: 0, scale: 1, color: null, font_family: null, font_weight: null, hidden: false };
const copy = value => JSON.parse(JSON.stringify(value));
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

export class Model {
  constructor(view) {
    this.view = view;
    this.formats = view.formats.map(one => one.name);
    this.now = { edits: {}, fields: { ...view.fields }, style: view.style, font: null };
    for (const name of this.formats) {
      this.now.edits[name] = {};
      for (const [role, edit] of Object.entries(view.edits[name] ?? {})) this.now.edits[name][role] = { ...PLAIN, ...edit };
    }
    this.first = copy(this.now);
    this.past = [];
    this.future = [];
    this.wanted = false;
    this.key = `nanococoa.edit.${view.ad_id}`;
  }

  get changed() { return !same(this.now, this.first); }

  edit(format, role) { return this.now.edits[format][role] ?? PLAIN; }

  words(format, role, state = this.now) { return state.edits[format][role]?.text ?? state.fields[role] ?? ''; }

  // One step to be undone. Steps of one kind that follow each other at once (typing, a held arrow key) are one.
  step(kind = null) {
    const follows = kind && this.kind === kind && Date.now() - this.at < 900;
    if (!follows) { this.past.push(copy(this.now)); this.past.splice(0, this.past.length - 200); }
    this.future = [];
    this.kind = kind;
    this.at = Date.now();
  }

  change(formats, role, how) {
    for (const name of formats) {
      const edit = { ...this.edit(name, role) };
      how(edit, name);
      for (const [key, least, most] of [['dx', -200, 200], ['dy', -200, 200], ['scale', .3, 3]]) edit[key] = Math.round(Math.min(most, Math.max(least, edit[key])) * 1000) / 1000;
      this.now.edits[name][role] = edit;
    }
  }

  type(formats, role, words) {
    if (formats.length < this.formats.length) { this.change(formats, role, edit => { edit.text = words === this.now.fields[role] ? null : words; }); return; }
    this.now.fields[role] = words;
    this.change(formats, role, edit => { edit.text = null; });
  }

  reset(formats, role) { for (const name of formats) this.now.edits[name][role] = { ...PLAIN }; }

  undo() { return this.#swap(this.past, this.future); }
  redo() { return this.#swap(this.future, this.past); }

  #swap(from, to) {
    if (!from.length) return false;
    to.push(copy(this.now));
    this.now = from.pop();
    this.kind = null;
    return true;
  }

  // What decides how a format is laid out: when this is the same, so is the page of its words.
  shape(format, state = this.now) {
    const texts = Object.entries(state.edits[format]).map(([role, edit]) => [role, edit.text, edit.hidden, edit.font_family])
      .filter(([, text, hidden, font]) => text !== null || hidden || font).sort();
    return JSON.stringify([state.fields, state.style, state.font, texts]);
  }

  isAsSaved(format) { return this.shape(format) === this.shape(format, this.first); }

  // Everything that differs from the base version, as the API takes it.
  order() {
    const edits = {};
    for (const name of this.formats) {
      for (const [role, edit] of Object.entries(this.now.edits[name])) {
        if (!same(edit, this.first.edits[name][role] ?? PLAIN)) (edits[name] ??= {})[role] = edit;
      }
    }
    const order = { base_version: this.view.version_id, edits };
    if (!same(this.now.fields, this.first.fields)) order.fields = this.now.fields;
    if (this.now.style !== this.first.style) order.style = this.now.style;
    if (this.now.font) order.font_family = this.now.font;
    return order;
  }

  // `wanted`: the person asked for it to be saved; that holds for later changes too, until they are saved or given up.
  keep(wanted = this.wanted) {
    this.wanted = wanted && this.changed;
    try {
      if (this.changed) localStorage.setItem(this.key, JSON.stringify({ version: this.view.version_id, state: this.now, wanted: this.wanted }));
      else localStorage.removeItem(this.key);
    } catch { /* a full or closed storage: the page itself still has everything */ }
  }

  forget() { this.wanted = false; try { localStorage.removeItem(this.key); } catch { /* the same */ } }

  draft() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.key));
      return kept?.state?.edits && !same(kept.state, this.first) ? kept : null;
    } catch { return null; }
  }

  take(state) {
    const next = copy(this.first);
    for (const name of this.formats) Object.assign(next.edits[name], state.edits[name]);
    this.now = { ...next, fields: { ...next.fields, ...state.fields }, style: state.style ?? next.style, font: state.font ?? null };
  }
}
