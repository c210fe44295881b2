// Shapes, materials and printed labels that every product is made of. Units: one is roughly a hand's width.
import * as THREE from 'three';

/** Seeded uniform numbers in 0..1 (mulberry32). */
export function randomOf(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export const between = (r, low, high) => low + (high - low) * r();
export const pick = (r, list) => list[Math.floor(r() * list.length)];
export const hsl = (h, s, l) => new THREE.Color().setHSL(((h % 1) + 1) % 1, s, l);
export const anyColour = (r) => hsl(r(), between(r, 0.05, 0.8), between(r, 0.12, 0.88));

/** Colours packages really come in: white and cream first, then black, kraft and any hue. */
export const packColour = (r) => {
  const kind = r();
  if (kind < 0.25) return new THREE.Color(pick(r, ['#fbfaf6', '#f3ede1', '#ffffff', '#e9e6df']));
  if (kind < 0.35) return new THREE.Color(pick(r, ['#1c1c1e', '#2a2d34', '#3b2c26']));
  if (kind < 0.45) return new THREE.Color(pick(r, ['#b58a5a', '#caa678', '#9c7346']));
  return anyColour(r);
};

export const material = (options) => new THREE.MeshPhysicalMaterial(options);
export const matte = (color) => material({ color, roughness: 0.85 });
export const glossy = (color) => material({ color, roughness: 0.25, clearcoat: 0.7 });
export const metal = (color) => material({ color, roughness: 0.28, metalness: 0.9 });
export const clear = (color, roughness = 0.04) =>
  material({ color, roughness, transmission: 0.95, thickness: 0.3, ior: 1.45, clearcoat: 1, side: THREE.DoubleSide });

export function group(...children) {
  const all = new THREE.Group();
  children.forEach((child) => all.add(child));
  return all;
}

export function at(object, x, y, z, rx = 0, ry = 0, rz = 0) {
  object.position.set(x, y, z);
  object.rotation.set(rx, ry, rz);
  return object;
}

export const turned = (profile, skin) =>
  new THREE.Mesh(new THREE.LatheGeometry(profile.map(([x, y]) => new THREE.Vector2(x, y)), 56), skin);
export const block = (w, h, d, skin) => new THREE.Mesh(new THREE.BoxGeometry(w, h, d), skin);
export const ball = (radius, skin) => new THREE.Mesh(new THREE.SphereGeometry(radius, 32, 20), skin);
export const rod = (top, bottom, height, skin) => new THREE.Mesh(new THREE.CylinderGeometry(top, bottom, height, 40), skin);
export const ring = (radius, tube, skin, arc = Math.PI * 2) => new THREE.Mesh(new THREE.TorusGeometry(radius, tube, 14, 56, arc), skin);
export const sleeve = (radius, height, skin, open = Math.PI * 2) =>
  new THREE.Mesh(new THREE.CylinderGeometry(radius, radius, height, 56, 1, true, -open / 2, open), skin);

/** A flat outline ([x, y] points, smoothed) pushed to a depth with rounded rims. */
export function extruded(points, depth, skin, bevel = 0.08) {
  const path = new THREE.SplineCurve(points.map(([x, y]) => new THREE.Vector2(x, y)));
  const shape = new THREE.Shape(path.getPoints(80));
  const options = { depth, bevelEnabled: bevel > 0, bevelSize: bevel, bevelThickness: bevel, bevelSegments: 4 };
  const mesh = new THREE.Mesh(new THREE.ExtrudeGeometry(shape, options), skin);
  mesh.geometry.translate(0, 0, -depth / 2);
  return mesh;
}

/** Moves every vertex by ``warp(x, y, z) -> [x, y, z]``. */
export function warped(mesh, warp) {
  const position = mesh.geometry.attributes.position;
  for (let i = 0; i < position.count; i++) position.setXYZ(i, ...warp(position.getX(i), position.getY(i), position.getZ(i)));
  mesh.geometry.computeVertexNormals();
  return mesh;
}

function textureOf(width, height, draw) {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  draw(canvas.getContext('2d'));
  const texture = new THREE.CanvasTexture(canvas);
  texture.colorSpace = THREE.SRGBColorSpace;
  texture.anisotropy = 8;
  return texture;
}

const WORDS = ['감귤칩', '쌀과자', '핸드크림', '오미자청', '누룽지', 'MOMENT', 'FRESH', '수분크림', '참기름', 'BLOOM', '한우육포', 'DAILY', '곶감', 'No. 7'];

const ORNAMENTS = [
  (pen, r, w, h) => { pen.fillRect(0, h * 0.1, w, h * 0.03); pen.fillRect(0, h * 0.87, w, h * 0.03); },
  (pen, r, w, h) => { for (let i = 0; i < 14; i++) { pen.beginPath(); pen.arc(r() * w, r() * h, (0.02 + 0.05 * r()) * h, 0, 7); pen.fill(); } },
  (pen, r, w, h) => { for (let i = 0; i < 12; i += 2) pen.fillRect((i * w) / 12, 0, w / 12, h * 0.25); },
  (pen, r, w, h) => { pen.beginPath(); pen.ellipse(w / 2, h * 0.5, w * 0.2, h * 0.36, 0, 0, 7); pen.lineWidth = h * 0.02; pen.stroke(); },
  (pen, r, w, h) => { pen.fillRect(0, h * between(r, 0.55, 0.75), w, h); },
  () => {},
];

/** A printed surface: ground colour, one or two ornaments, a word twice around. */
export function printed(r, ground, width = 1024, height = 512) {
  const ink = `hsl(${Math.floor(r() * 360)},${pick(r, [5, 60])}%,${ground.getHSL({}).l > 0.55 ? 22 : 92}%)`;
  return textureOf(width, height, (pen) => {
    pen.fillStyle = `#${ground.getHexString()}`;
    pen.fillRect(0, 0, width, height);
    pen.fillStyle = pen.strokeStyle = `hsl(${Math.floor(r() * 360)},50%,${Math.floor(between(r, 25, 80))}%)`;
    pick(r, ORNAMENTS)(pen, r, width, height);
    pen.fillStyle = ink;
    pen.textAlign = 'center';
    pen.font = `900 ${height * between(r, 0.14, 0.26)}px 'Noto Sans CJK KR'`;
    const word = pick(r, WORDS);
    [0.25, 0.75].forEach((x) => pen.fillText(word, width * x, height * 0.48));
    pen.font = `500 ${height * 0.07}px 'Noto Sans CJK KR'`;
    [0.25, 0.75].forEach((x) => pen.fillText('국내산 100% · NET 250 g', width * x, height * 0.62));
  });
}

/** A skin speckled like fruit peel or glaze. */
export function speckled(r, colour, spots = 600, spread = 0.08) {
  const base = colour.getHSL({});
  const map = textureOf(512, 512, (pen) => {
    pen.fillStyle = `#${colour.getHexString()}`;
    pen.fillRect(0, 0, 512, 512);
    for (let i = 0; i < spots; i++) {
      pen.fillStyle = `#${hsl(base.h + spread * (r() - 0.5), base.s, base.l * between(r, 0.7, 1.3)).getHexString()}66`;
      pen.beginPath();
      pen.ellipse(r() * 512, r() * 512, 2 + 10 * r(), 2 + 26 * r(), 0, 0, 7);
      pen.fill();
    }
  });
  return material({ map, roughness: between(r, 0.3, 0.7), clearcoat: 0.3 });
}
