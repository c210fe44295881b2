// How well words read, measured on real pixels: the WCAG contrast of the text's colour with the picture under its
// lines, at the worst tenth of them.
const SIDE = 560;
const linear = v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
const luminance = (r, g, b) => .2126 * linear(r) + .7152 * linear(g) + .0722 * linear(b);
const ratio = (a, b) => (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
export const rgb = colour => colour.startsWith('#') ? [1, 3, 5].map(i => parseInt(colour.slice(i, i + 2), 16)) : colour.match(/[\d.]+/g).map(Number).slice(0, 3);

export class Light {
  constructor() {
    this.canvas = document.createElement('canvas');
    this.ink = this.canvas.getContext('2d', { willReadFrequently: true });
  }

  look(plate, width) {
    const shrink = Math.min(1, SIDE / Math.max(plate.naturalWidth, plate.naturalHeight));
    this.canvas.width = Math.max(1, Math.round(plate.naturalWidth * shrink));
    this.canvas.height = Math.max(1, Math.round(plate.naturalHeight * shrink));
    this.unit = this.canvas.width / width;
    this.ink.drawImage(plate, 0, 0, this.canvas.width, this.canvas.height);
  }

  contrast(text, colour = text.color) {
    const own = luminance(...rgb(colour));
    if (text.ground) return ratio(own, luminance(...text.ground));
    const all = this.#under(text.lines).map(light => ratio(own, light)).sort((a, b) => a - b);
    return all[Math.floor(all.length / 10)] ?? 21;
  }

  needed(text) { return text.px >= 24 || (text.bold && text.px >= 18.66) ? 3 : 4.5; }

  grade(text, colour) {
    const found = this.contrast(text, colour), needed = this.needed(text);
    return { ratio: found, needed, word: found >= needed * 1.35 ? 'good' : found >= needed ? 'fair' : 'poor' };
  }

  #under(lines) {
    const found = [], { width, height } = this.canvas;
    for (const line of lines) {
      const x = Math.max(0, Math.floor(line.left * this.unit)), y = Math.max(0, Math.floor(line.top * this.unit));
      const w = Math.min(width, Math.ceil(line.right * this.unit)) - x, h = Math.min(height, Math.ceil(line.bottom * this.unit)) - y;
      if (w < 1 || h < 1) continue;
      const { data } = this.ink.getImageData(x, y, w, h);
      for (let i = 0; i < data.length; i += 4) found.push(luminance(data[i], data[i + 1], data[i + 2]));
    }
    return found;
  }
}

// Where the needle stands: the red third is what can't be read, the amber what just can.
export function needle({ ratio: found, needed }) {
  if (found < needed) return Math.max(2, found / needed * 28);
  if (found < needed * 1.35) return 28 + (found / needed - 1) / .35 * 20;
  return Math.min(98, 49 + (found - needed * 1.35) / 10 * 50);
}

// A colour's name in the page's language.
export function nameOf(colour, say) {
  const [r, g, b] = rgb(colour).map(v => v / 255), most = Math.max(r, g, b), least = Math.min(r, g, b), spread = most - least;
  const light = (most + least) / 2, vivid = spread / (1 - Math.abs(2 * light - 1) || 1);
  if (light > .95) return say.white;
  if (light < .12) return say.black;
  if (vivid < .12 || spread < .06) return say.grey;
  const turn = most === r ? ((g - b) / spread + 6) % 6 : most === g ? (b - r) / spread + 2 : (r - g) / spread + 4, hue = turn * 60;
  const found = [[14, 'red'], [40, 'orange'], [68, 'yellow'], [160, 'green'], [195, 'teal'], [255, 'blue'], [300, 'purple'], [345, 'pink'], [361, 'red']].find(([end]) => hue < end)[1];
  if (hue < 44 && light < .45 && (found === 'orange' || vivid < .45)) return say.brown;
  if (light > .8) return say.light.replace('{color}', say[found]);
  return light < .28 ? say.dark.replace('{color}', say[found]) : say[found];
}
