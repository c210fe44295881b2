// The text editor: words live over the picture, changed by hand, by keys or by buttons, saved as a new version.
import { $, $$, toast } from './app.js';
import { Frame } from './editor_frame.js';
import { Hands } from './editor_hands.js';
import { Light, nameOf, needle } from './editor_light.js';
import { Model } from './editor_model.js';
import { Saving, ask } from './editor_save.js';

const PREVIEW_AFTER = 650, AGAIN_AFTER = 5000, WIDE = 3;
const ORDER = ['headline', 'sub', 'price', 'old_price', 'unit', 'discount', 'call_to_action', 'small_print', 'shop'];
const root = $('[data-editor]');

if (root) new Editor(root).begin();

function Editor(root) {
  const view = JSON.parse(root.dataset.view), say = JSON.parse(root.dataset.say);
  const model = new Model(view), art = $('[data-art]'), easel = $('#easel'), words = $('[data-words]');
  const light = new Light(), frame = new Frame(art, say.easel), saving = new Saving(model, say, tell);
  const lives = new Map();   // pages of words by format and shape
  const verdicts = new Map();   // what the renderer measured, by format and every edit
  let format = root.dataset.chosen, role = null, texts = [], shown = null, timer = 0, turn = 0;

  const specs = Object.fromEntries(view.formats.map(one => [one.name, one]));
  const spec = () => specs[format];
  const scope = name => $(`[name="scope-${name}"]:checked`)?.value === 'one' || view.formats.length === 1 ? [format] : model.formats;
  const base = () => `/api/v1/ads/${view.ad_id}/versions/${view.version_id}/layers/${format}`;

  const hands = new Hands(art, say, {
    choose: one => { if (one !== role) choose(one); },
    begin: () => model.step(),
    move: (one, x, y) => { moved(one, x / frame.rem, y / frame.rem); },
    pull: (one, times) => { model.change(scope('place'), one, edit => { edit.scale *= times; }); paint(); },
    end: () => changed(),
    nudge: (one, x, y) => { model.step(`nudge ${one}`); moved(one, x, y); changed(); },
    grow: (one, times) => { model.step(`grow ${one}`); model.change(scope('place'), one, edit => { edit.scale *= times; }); paint(); changed(); },
    edit: one => { choose(one); words.focus(); words.select(); },
  });

  this.begin = async () => {
    $('[data-without-script]')?.setAttribute('hidden', '');
    art.classList.add('live');
    wire();
    await open(format);
    offerDraft();
  };

  // ---- what is seen

  async function open(name) {
    const mine = ++turn;
    format = name;
    const { width, height } = spec();
    for (const tab of $$('[data-format]')) select(tab, tab.dataset.format === name);
    easel.setAttribute('aria-labelledby', `tab-${name}`);
    easel.toggleAttribute('data-wide', width / height > WIDE);
    art.style.setProperty('--ar', width / height);
    try {
      const live = lives.get(key()) ?? lives.get(saved()) ?? await ask(base());
      lives.set(lives.get(key()) === live ? key() : saved(), live);
      if (mine !== turn) return;
      await frame.show(live, one => model.words(name, one, lives.get(key()) === live ? model.now : model.first));
    } catch (problem) {
      if (mine === turn) tell(problem.message === 'plate' ? say.no_plate : problem.message || say.no_plate);
      return;
    }
    if (mine !== turn) return;
    shown = lives.get(key()) ? key() : saved();
    art.classList.add('ready');
    safeZone();
    light.look(frame.plate, width);
    refresh();
    if (touched()) soon();
  }

  const key = () => `${format} ${model.shape(format)}`;
  const whole = () => `${format} ${model.shape(format)} ${JSON.stringify(model.now.edits[format])}`;
  const saved = () => `${format} ${model.shape(format, model.first)}`;

  // The words as they are now: at once as well as the browser can, exactly when the renderer has answered.
  function refresh() {
    const known = lives.get(key());
    if (known && shown !== key()) { swap(known, key()); return; }
    if (shown !== key()) {
      for (const one of Object.keys(frame.said)) frame.say(one, model.words(format, one));
      frame.fonts().then(() => { frame.refit(); paint(); });
      soon();
    }
    frame.apply(model.now.edits[format], model.now.font);
    paint(false);
    heads();
  }

  async function swap(live, name) {
    const mine = turn;
    await frame.show(live, one => model.words(format, one));
    if (mine !== turn) return;
    shown = name;
    light.look(frame.plate, spec().width);
    frame.apply(model.now.edits[format], model.now.font);
    paint(false);
    heads();
  }

  function paint(style = true) {
    if (style) frame.apply(model.now.edits[format], model.now.font, false);
    frame.scale(art.clientWidth);
    texts = frame.texts().filter(text => text.box.width > 0);
    const chosen = texts.some(text => text.role === role) ? role : null;
    const bad = new Set(texts.filter(text => wrong(text)).map(text => text.role));
    const verdict = verdicts.get(whole()) ?? { passed: touched() || spec().passed };
    hands.place(texts, frame.ratio, chosen, bad);
    $(`[data-format="${format}"]`).toggleAttribute('data-bad', bad.size > 0 || !verdict.passed);
    if (!chosen && !hidden(role)) choose(listed()[0] ?? null); else meter();
  }

  const touched = () => !model.isAsSaved(format) || JSON.stringify(model.now.edits[format]) !== JSON.stringify(model.first.edits[format]);

  // What is the matter with a text: cut off, too much for its place, hard to read; null when all is well.
  function wrong(text) {
    const { width, height } = spec();
    if (text.lines.some(line => line.left < -2 || line.top < -.15 * line.height || line.right > width + 2 || line.bottom > height + .15 * line.height)) return 'outside';
    if (frame.unfit.has(text.role)) return 'unfit';
    return light.grade(text).word === 'poor' ? 'poor' : null;
  }

  const hidden = one => Boolean(one && model.edit(format, one).hidden);

  function meter() {
    const text = texts.find(one => one.role === role), told = $('[data-legi]');
    if (!text) { told.textContent = hidden(role) ? say.hidden : ''; told.className = ''; return; }
    const grade = light.grade(text), matter = wrong(text), matters = [say.unfit, say.outside, say.clash];
    const word = say.ratio.replace('{word}', say[grade.word]).replace('{ratio}', grade.ratio.toFixed(1));
    if (told.textContent !== word) told.textContent = word;
    told.className = { good: 'ok', fair: 'care', poor: 'bad' }[grade.word];
    $('[data-needle]').style.left = `${needle(grade)}%`;
    const verdict = verdicts.get(whole()), clash = verdict && !verdict.passed && !matter && !verdict.failing;
    if (matter === 'unfit' || matter === 'outside' || clash) tell(clash ? say.clash : say[matter]);
    else if (matters.includes($('[data-status]').textContent)) tell('');
    swatches(text);
  }

  function swatches(text) {
    const own = model.edit(format, role).color;
    for (const one of $$('[data-color]')) {
      const colour = one.dataset.color;
      one.setAttribute('aria-pressed', String(colour === (own ?? '')));
      if (!colour) continue;
      const name = nameOf(colour, say.colors), weak = light.grade(text, colour).word === 'poor';
      one.classList.toggle('weak', weak);
      $('span', one).textContent = weak ? say.weak_short : name;
      one.setAttribute('aria-label', weak ? say.weak.replace('{color}', name) : name);
    }
    if (own) $('[data-own-color]').value = own;
  }

  function choose(one) {
    role = one;
    const roles = listed();
    words.disabled = !one;
    if (one && document.activeElement !== words) words.value = model.words(format, one);
    else if (one && words.dataset.role !== one) words.value = model.words(format, one);
    words.dataset.role = one ?? '';
    const hide = $('[data-hide]');
    hide.textContent = hidden(one) ? say.show : say.hide;
    hide.setAttribute('aria-pressed', String(hidden(one)));
    $('[data-font]').value = (one && model.edit(format, one).font_family) ?? model.now.font ?? '';
    $$('[data-pick]').forEach(button => { button.disabled = roles.length < 2; });
    for (const [name, box] of hands.boxes) { box.classList.toggle('on', name === one); box.setAttribute('aria-pressed', String(name === one)); }
    meter();
  }

  // Every text there is, those left out too, in the order of the copy.
  const listed = () => ORDER.filter(one => texts.some(text => text.role === one) || hidden(one));

  function heads() {
    $('[data-undo]').disabled = !model.past.length;
    $('[data-redo]').disabled = !model.future.length;
    for (const tile of $$('[data-style]')) tile.setAttribute('aria-pressed', String(tile.dataset.style === model.now.style));
    onbeforeunload = model.changed && !saving.busy ? event => event.preventDefault() : null;
  }

  function safeZone() {
    $('.safe', art)?.remove();
    const zone = spec().safe_zone;
    if (!Object.values(zone).some(Boolean)) return;
    const box = art.appendChild(Object.assign(document.createElement('div'), { className: 'safe' }));
    for (const side of ['top', 'right', 'bottom', 'left']) box.style[side] = `${zone[side] * 100}%`;
    box.append(Object.assign(document.createElement('span'), { textContent: say.safe }));
    frame.pane.after(box);
  }

  // Says `text` for a while, or until something else is said; with nothing else to say, that there is no way out.
  function tell(text, stays = false) {
    const status = $('[data-status]'), rest = navigator.onLine ? '' : model.wanted ? say.later : say.offline;
    if (status.textContent !== (text || rest)) status.textContent = text || rest;
    status.hidden = !status.textContent;
    clearTimeout(tell.timer);
    if (text && !stays) tell.timer = setTimeout(() => { if (status.textContent === text) tell(''); }, 6000);
  }

  // ---- changes

  function moved(one, x, y) {
    const text = texts.find(found => found.role === one), { width, height } = spec(), unit = frame.rem;
    const inside = (at, size, whole, by) => Math.min(whole - size * .25, Math.max(-size * .75, at + by)) - at;
    const dx = inside(text.box.x, text.box.width, width, x * unit) / unit, dy = inside(text.box.y, text.box.height, height, y * unit) / unit;
    model.change(scope('place'), one, edit => { edit.dx += dx; edit.dy += dy; });
    paint();
  }

  function changed() { model.keep(); heads(); soon(); }

  function act(kind, how) {
    if (!role) return;
    model.step(kind);
    how();
    changed();
    refresh();
    choose(role);
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(exact, PREVIEW_AFTER);
  }

  async function exact() {
    const name = key(), mine = turn, at = format;
    const all = whole(), known = lives.has(name) || shown === name;
    if (verdicts.has(all) || !touched() || saving.busy) return;
    if (!navigator.onLine) { tell(''); return; }
    if (!known) tell(model.now.style !== model.first.style ? say.style_wait.replace('{style}', say.styles[model.now.style] ?? model.now.style) : say.exact, true);
    try {
      const order = model.order(), edits = order.edits[at] ? { [at]: order.edits[at] } : {};
      const live = await ask(`/api/v1/ads/${view.ad_id}/preview`, { ...order, edits, format: at });
      verdicts.set(all, live.checks.legibility_by_format[at] ?? { passed: true });
      if (!known) lives.set(name, live);
      if (lives.size > 80) lives.delete([...lives.keys()].find(one => one !== name && !one.startsWith(format)));
      if (mine !== turn || name !== key()) return;
      if (shown === name) paint(); else { await swap(live, name); leftOut(live); }
    } catch (problem) {
      const passes = problem.status >= 500 || !problem.status;
      if (mine === turn && !known) tell(passes ? say.rough : problem.message);
      if (mine === turn && passes) { clearTimeout(timer); timer = setTimeout(exact, AGAIN_AFTER); }
    }
  }

  function leftOut(live) {
    const missing = live.left_out.filter(one => model.words(format, one) && !hidden(one));
    const fields = missing.map(one => say.roles[one]).join(', ');
    tell(missing.length ? say.left_out.replace('{format}', spec().title).replace('{fields}', fields) : '');
  }

  function turnBack(done) {
    if (!done) return;
    changed();
    refresh();
    choose(role);
  }

  function offerDraft() {
    const draft = model.draft();
    if (!draft) return;
    const take = () => { model.step(); model.take(draft.state); changed(); refresh(); choose(role); };
    const drop = () => model.forget();
    if (draft.version === view.version_id) { model.wanted = draft.wanted; take(); offer(say.kept_draft, [[say.drop, () => { turnBack(model.undo()); model.forget(); }]]); if (model.wanted && navigator.onLine) save(); }
    else offer(say.old_draft, [[say.go_on, take], [say.drop, drop]]);
  }

  function offer(text, ways) {
    const note = $('[data-offer]');
    note.textContent = text;
    note.hidden = false;
    for (const [label, how] of ways) {
      const button = Object.assign(document.createElement('button'), { type: 'button', textContent: label });
      button.addEventListener('click', () => { note.hidden = true; how(); });
      note.append(' ', button);
    }
  }

  async function save() {
    const button = $('[data-save]');
    if (saving.busy) return;
    button.disabled = true;
    button.textContent = say.saving;
    onbeforeunload = null;
    const version = await saving.save();
    if (version) { await finished(); return; }
    button.disabled = false;
    button.textContent = say.save;
    heads();
  }

  // The new version is opened, with what was measured on it.
  async function finished() {
    const fresh = await ask(`/api/v1/ads/${view.ad_id}/editor`).catch(() => null);
    const faint = fresh?.formats.find(one => !one.passed);
    const text = faint ? say.saved_looked.replace('{format}', faint.title) : say.saved;
    try { sessionStorage.setItem('nanococoa.saved', text.replace('{number}', fresh?.number ?? '')); } catch { /* then it is not said */ }
    location.replace(`/ads/${view.ad_id}/edit?format=${encodeURIComponent(format)}`);
  }

  // ---- wiring

  function select(tab, on) { tab.setAttribute('aria-selected', String(on)); tab.tabIndex = on ? 0 : -1; }

  function panel(button) {
    for (const one of $$('[data-panel]')) { select(one, one === button); $(`#${one.dataset.panel}`).hidden = one !== button; }
    paint();
  }

  function wire() {
    words.addEventListener('input', () => act(`type ${role}`, () => model.type(scope('text'), role, words.value)));
    $('[data-font]').addEventListener('change', event => act(null, () => model.change(scope('style'), role, edit => { edit.font_family = event.target.value || null; })));
    $('[data-own-color]').addEventListener('input', event => act('color', () => model.change(scope('color'), role, edit => { edit.color = event.target.value; })));
    $('[data-save]').addEventListener('click', save);
    $('[data-history]').addEventListener('click', () => $('#versions').showModal());
    document.addEventListener('click', click);
    document.addEventListener('keydown', event => {
      if (!(event.ctrlKey || event.metaKey) || !['z', 'y'].includes(event.key.toLowerCase())) return;
      event.preventDefault();
      turnBack(event.key.toLowerCase() === 'y' || event.shiftKey ? model.redo() : model.undo());
    });
    for (const list of $$('[role="tablist"]')) list.addEventListener('keydown', along);
    new ResizeObserver(() => requestAnimationFrame(() => { if (shown) paint(); })).observe(art);
    addEventListener('offline', () => tell(''));
    addEventListener('online', () => { tell(''); if (model.wanted) save(); else if (shown !== key()) soon(); });
    try { const said = sessionStorage.getItem('nanococoa.saved'); if (said) { toast(said); sessionStorage.removeItem('nanococoa.saved'); } } catch { /* nothing to say */ }
  }

  function click(event) {
    const tab = event.target.closest('[data-format]');
    if (tab) { event.preventDefault(); if (tab.dataset.format !== format) open(tab.dataset.format); return; }
    const button = event.target.closest('button');
    if (!button) return;
    const { dataset } = button;
    if (dataset.pick) { const all = listed(); choose(all[(all.indexOf(role) + Number(dataset.pick) + all.length) % all.length]); }
    if (dataset.panel) panel(button);
    if (dataset.style && dataset.style !== model.now.style) act(null, () => { model.now.style = dataset.style; });
    if ('color' in dataset) act(null, () => model.change(scope('color'), role, edit => { edit.color = dataset.color || null; }));
    if (dataset.nudge) { const [x, y] = dataset.nudge.split(',').map(Number); act(`nudge ${role}`, () => moved(role, x, y)); }
    if (dataset.scale) act(`grow ${role}`, () => model.change(scope('place'), role, edit => { edit.scale *= Number(dataset.scale); }));
    if ('center' in dataset) { const text = texts.find(one => one.role === role); if (text) act(null, () => moved(role, (spec().width / 2 - text.box.x - text.box.width / 2) / frame.rem, 0)); }
    if ('reset' in dataset) act(null, () => model.reset(scope('place'), role));
    if ('hide' in dataset) act(null, () => { const to = !hidden(role); model.change([format], role, edit => { edit.hidden = to; }); });
    if ('undo' in dataset) turnBack(model.undo());
    if ('redo' in dataset) turnBack(model.redo());
  }

  function along(event) {
    const way = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key], list = event.currentTarget;
    if (!way) return;
    const all = $$('[role="tab"]', list), next = all[(all.indexOf(document.activeElement) + way + all.length) % all.length];
    event.preventDefault();
    next.focus();
    next.click();
  }
}
