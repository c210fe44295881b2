// Hands on the picture: a box over each text to choose, drag and pull; arrow keys and + - do the same.
const CORNERS = ['nw', 'ne', 'sw', 'se'];
const KEYS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const SNAP = 1.6;

export class Hands {
  // on: choose(role), begin(), move(role, dx, dy), pull(role, times), end(), edit()
  constructor(art, say, on) {
    Object.assign(this, { art, say, on, boxes: new Map(), drag: null });
    this.guide = art.appendChild(Object.assign(document.createElement('div'), { className: 'guide' }));
    art.addEventListener('pointerdown', event => this.#down(event));
    art.addEventListener('pointermove', event => this.#move(event));
    for (const name of ['pointerup', 'pointercancel']) art.addEventListener(name, () => this.#up());
    art.addEventListener('keydown', event => this.#key(event));
    art.addEventListener('focusin', event => { const box = event.target.closest('.layer'); if (box) this.on.choose(box.dataset.role); });
  }

  // Boxes where the texts are; the same text keeps its box, so that focus stays.
  place(texts, ratio, chosen, bad) {
    Object.assign(this, { texts, ratio });
    const seen = new Set(texts.map(text => text.role));
    for (const [role, box] of this.boxes) if (!seen.has(role)) { box.remove(); this.boxes.delete(role); }
    for (const text of texts) {
      const box = this.boxes.get(text.role) ?? this.#made(text.role);
      for (const [side, value] of [['left', text.box.x], ['top', text.box.y], ['width', text.box.width], ['height', text.box.height]]) box.style[side] = `${value * ratio}px`;
      box.classList.toggle('on', text.role === chosen);
      box.classList.toggle('bad', bad.has(text.role));
      box.setAttribute('aria-pressed', String(text.role === chosen));
      box.setAttribute('aria-label', this.say.layer.replace('{words}', text.words));
    }
  }

  focus(role) { this.boxes.get(role)?.focus({ preventScroll: true }); }

  #made(role) {
    const box = document.createElement('div');
    box.tabIndex = 0;
    box.className = 'layer';
    box.dataset.role = role;
    box.setAttribute('role', 'button');
    box.setAttribute('aria-describedby', 'keys');
    const ring = Object.assign(document.createElement('span'), { className: 'ring' });
    box.append(ring, ...CORNERS.map(corner => { const h = document.createElement('span'); h.className = `h h-${corner}`; h.dataset.h = corner; return h; }));
    this.boxes.set(role, box);
    this.art.append(box);
    return box;
  }

  #down(event) {
    const box = event.target.closest('.layer');
    if (!box || event.button) return;
    event.preventDefault();
    box.focus({ preventScroll: true });
    this.on.choose(box.dataset.role);
    const rect = box.getBoundingClientRect(), middle = { x: rect.left + rect.width / 2, y: rect.top + rect.height / 2 };
    const text = this.texts.find(one => one.role === box.dataset.role);
    this.drag = { role: box.dataset.role, x: event.clientX, y: event.clientY, last: { x: 0, y: 0 }, middle, pulls: Boolean(event.target.closest('[data-h]')), far: Math.max(8, Math.hypot(event.clientX - middle.x, event.clientY - middle.y)), times: 1, from: text.box, begun: false };
    this.art.setPointerCapture(event.pointerId);
  }

  #move(event) {
    const drag = this.drag;
    if (!drag) return;
    if (!drag.begun) {
      if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < 3) return;
      drag.begun = true;
      this.on.begin();
    }
    if (drag.pulls) {
      const times = Math.hypot(event.clientX - drag.middle.x, event.clientY - drag.middle.y) / drag.far;
      this.on.pull(drag.role, times / drag.times);
      drag.times = times;
      return;
    }
    let x = event.clientX - drag.x;
    const y = event.clientY - drag.y, middle = (drag.from.x + drag.from.width / 2) * this.ratio + x, half = this.art.clientWidth / 2;
    const snaps = Math.abs(middle - half) < SNAP / 100 * this.art.clientWidth;
    if (snaps) x += half - middle;
    this.guide.classList.toggle('on', snaps);
    this.on.move(drag.role, (x - drag.last.x) / this.ratio, (y - drag.last.y) / this.ratio);
    drag.last = { x, y };
  }

  #up() {
    if (this.drag?.begun) this.on.end();
    this.drag = null;
    this.guide.classList.remove('on');
  }

  #key(event) {
    const role = event.target.closest('.layer')?.dataset.role, step = KEYS[event.key];
    if (!role || event.ctrlKey || event.metaKey) return;
    if (step) this.on.nudge(role, step[0] * (event.shiftKey ? 5 : 1), step[1] * (event.shiftKey ? 5 : 1));
    else if (event.key === '+' || event.key === '=') this.on.grow(role, 1.06);
    else if (event.key === '-') this.on.grow(role, 1 / 1.06);
    else if (event.key === 'Enter' || event.key === ' ') this.on.edit(role);
    else return;
    event.preventDefault();
  }
}
