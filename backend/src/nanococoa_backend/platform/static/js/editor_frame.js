// A format's words, live: the renderer's own page in a frame where no script runs, over the picture without words.
import { fit } from './editor_fit.js';

const FONT_WAIT = 4000;
const GENERIC = /^(sans-serif|serif|system-ui|monospace|cursive|emoji|Noto Color Emoji)$/;
const quoted = name => `"${name.replace(/["\\]/g, '')}"`;

export class Frame {
  constructor(art, title) {
    this.plate = Object.assign(new Image(), { className: 'plate', alt: '' });
    this.pane = Object.assign(document.createElement('div'), { className: 'pane' });
    this.frame = Object.assign(document.createElement('iframe'), { title, tabIndex: -1 });
    this.frame.setAttribute('sandbox', 'allow-same-origin');
    this.frame.setAttribute('aria-hidden', 'true');
    this.pane.append(this.frame);
    art.prepend(this.plate, this.pane);
    this.opened = new Promise(done => { this.frame.onload = done; });
    this.frame.src = '/editor/frame';
    this.unfit = new Set();
  }

  get page() { return this.frame.contentDocument; }

  // `words` are those the page was made with, by field.
  async show(live, words) {
    const [plate] = await Promise.all([picture(live.plate), this.opened]);
    this.live = live;
    this.said = Object.fromEntries(live.texts.map(text => [text.role, words(text.role)]));
    this.plate.replaceWith(this.plate = Object.assign(plate, { className: 'plate', alt: '' }));
    this.frame.style.width = `${live.width}px`;
    this.frame.style.height = `${live.height}px`;
    const root = this.page.documentElement;   // parsed in the frame: here its style attributes would be refused
    root.innerHTML = live.html;
    root.lang = live.html.match(/<html lang="([\w-]+)"/)?.[1] ?? 'ko';
    this.rem = Number(live.html.match(/<html[^>]* style="font-size:([\d.]+)px"/)?.[1] ?? Math.min(live.width, live.height) / 100);
    root.style.fontSize = `${this.rem}px`;
    this.page.body.className = live.html.match(/<body class="([^"]*)"/)?.[1] ?? '';
    this.rules = this.page.head.appendChild(this.page.createElement('style'));
    this.faces = this.page.head.appendChild(this.page.createElement('style'));
    this.loaded = new Map();
    await this.fonts();
    this.refit();
  }

  // Sizes on this screen: the frame keeps the picture's pixels and is scaled as a whole.
  scale(width) {
    this.ratio = width / this.live.width;
    this.frame.style.transform = `scale(${this.ratio})`;
  }

  refit() { this.unfit = fit(this.page); }

  // Edits that change no layout: places, sizes, colours. Fonts and words are shown at once and made exact later.
  apply(edits, font, layout = true) {
    const own = { ...(font ? Object.fromEntries(Object.keys(this.said).map(role => [role, { font_family: font }])) : {}) };
    this.rules.textContent = Object.entries({ ...own, ...edits }).map(([role, edit]) => rule(role, { ...own[role], ...pruned(edit) })).join('');
    if (layout) this.refit();
  }

  say(role, words) {
    const element = this.element(role);
    if (!element || this.said[role] === words) return;
    this.said[role] = words;
    const lines = [...element.querySelectorAll('.ln')];
    if (lines.length) spread(lines, words); else element.textContent = words;
  }

  element(role) { return this.page.querySelector(`[data-role="${role}"]`); }

  // The letters on the page in the fonts they ask for, fetched as small fonts that hold these letters alone.
  async fonts(more = '') {
    const wanted = new Map(), view = this.frame.contentWindow;
    const walker = this.page.createTreeWalker(this.page.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (!node.data.trim()) continue;
      const style = view.getComputedStyle(node.parentElement);
      const family = style.fontFamily.split(',').map(name => name.trim().replace(/^["']|["']$/g, '')).find(name => !GENERIC.test(name));
      if (!family) continue;
      const key = `${style.fontWeight}|${family}`;
      wanted.set(key, (wanted.get(key) ?? '') + node.data);
    }
    const waits = [];
    for (const [key, text] of wanted) {
      const [weight, family] = key.split('|');
      const letters = [...new Set(text + more + (this.loaded.get(key) ?? ''))].filter(letter => letter >= ' ').sort().slice(0, 600).join('');
      if (!letters || letters === this.loaded.get(key)) continue;
      this.loaded.set(key, letters);
      waits.push([weight, family, letters]);
    }
    if (!waits.length) return;
    this.faces.textContent = [...this.loaded].map(([key, letters]) => face(...key.split('|'), letters)).join('');
    const loading = waits.map(([weight, family, letters]) => this.page.fonts.load(`${weight} 20px ${quoted(family)}`, letters).catch(() => null));
    await Promise.race([Promise.all(loading), new Promise(done => setTimeout(done, FONT_WAIT))]);
  }

  // Where each text stands, in pixels of the picture, and what it takes to judge how well it reads.
  texts() {
    const view = this.frame.contentWindow;
    return [...this.page.querySelectorAll('[data-role]')].filter(one => one.dataset.role !== 'label' && one.textContent.trim()).map(element => {
      const range = this.page.createRange();
      range.selectNodeContents(element);
      const box = range.getBoundingClientRect(), inner = deepest(element), style = view.getComputedStyle(inner);
      return {
        role: element.dataset.role,
        words: element.textContent.replace(/[\u200b\u2060]/g, '').replace(/\s+/g, ' ').trim(),
        box: { x: box.left, y: box.top, width: box.width, height: box.height },
        lines: [...range.getClientRects()],
        color: style.color,
        ground: groundOf(element, view),
        px: parseFloat(style.fontSize) * scaleOf(element, view),
        bold: Number(style.fontWeight) >= 700,
      };
    });
  }
}

function picture(address) {
  return new Promise((done, failed) => {
    const image = new Image();
    image.onload = () => done(image);
    image.onerror = () => failed(new Error('plate'));
    image.src = address.startsWith('data:') ? URL.createObjectURL(blobOf(address)) : address;
  });
}

function blobOf(address) {
  const [head, body] = address.split(',');
  return new Blob([Uint8Array.from(atob(body), letter => letter.charCodeAt(0))], { type: head.slice(5).split(';')[0] });
}

const pruned = edit => Object.fromEntries(Object.entries(edit).filter(([, value]) => value !== null));

function rule(role, edit) {
  const rules = [], moved = edit.dx || edit.dy || (edit.scale ?? 1) !== 1;
  if (edit.color) rules.push(`color:${edit.color}!important`);
  if (edit.font_family) rules.push(`font-family:${quoted(edit.font_family)}!important`);
  if (edit.font_weight) rules.push(`font-weight:${edit.font_weight}!important`);
  if (edit.hidden) rules.push('display:none!important');
  const move = moved ? `html:not([data-fitting]) [data-role="${role}"]{position:relative;transform:translate(${edit.dx}rem,${edit.dy}rem) scale(${edit.scale})}` : '';
  return `${move}[data-role="${role}"]{${rules.join(';')}}`;
}

function face(weight, family, letters) {
  const query = new URLSearchParams({ family, weight, text: letters });
  return `@font-face{font-family:${quoted(family)};font-weight:${weight};src:url("/api/v1/fonts/subset?${query}")}`;
}

// Words over as many lines as there were, of about the same length; the renderer breaks them better a moment later.
function spread(lines, words) {
  const parts = words.split(/\s+/).filter(Boolean), each = words.length / lines.length;
  const out = lines.map(() => '');
  let line = 0;
  for (const part of parts) {
    if (out[line] && out[line].length + part.length / 2 > each && line < lines.length - 1) line += 1;
    out[line] += (out[line] ? ' ' : '') + part;
  }
  lines.forEach((element, i) => { element.textContent = out[i]; element.style.display = out[i] ? '' : 'none'; });
}

function deepest(element) {
  const walker = element.ownerDocument.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) if (node.data.trim()) return node.parentElement;
  return element;
}

function scaleOf(element, view) {
  let scale = 1;
  for (let at = element; at; at = at.parentElement) {
    const { transform } = view.getComputedStyle(at);
    if (transform !== 'none') { const m = new DOMMatrix(transform); scale *= Math.sqrt(Math.abs(m.a * m.d - m.b * m.c)); }
  }
  return scale;
}

// The colour a text brings along as its own ground: a chip, a sticker; null where it stands on the picture.
function groundOf(element, view) {
  for (let at = element; at && at !== at.ownerDocument.body; at = at.parentElement) {
    const colour = view.getComputedStyle(at).backgroundColor, parts = colour.match(/[\d.]+/g)?.map(Number) ?? [];
    if (parts.length === 3 || parts[3] > .95) return parts.slice(0, 3);
    if (at.classList.contains('zone')) {
      const shape = at.querySelector('.shape polygon');
      return shape ? view.getComputedStyle(shape).fill.match(/[\d.]+/g).map(Number).slice(0, 3) : null;
    }
  }
  return null;
}
