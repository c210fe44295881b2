// Bottles, jars, cups and glass.
import { anyColour, at, ball, between, block, clear, extruded, glossy, group, hsl, material, matte, metal, packColour, pick, printed, ring, rod, sleeve, speckled, turned } from '../forms.js';
import * as THREE from 'three';

const paper = (r, w = 1024, h = 512) => material({ map: printed(r, packColour(r), w, h), roughness: 0.65, side: THREE.DoubleSide });
const capOf = (r) => pick(r, [metal, glossy, matte])(pick(r, [new THREE.Color('#c9a24a'), new THREE.Color('#f4f4f2'), new THREE.Color('#222224'), anyColour(r)]));

export const VESSELS = {
  bottle(r) {
    const w = between(r, 0.45, 0.75), h = between(r, 1.2, 2), neck = between(r, 0.14, 0.24);
    const glass = glossy(pick(r, [hsl(0.38, 0.6, 0.12), hsl(0.06, 0.7, 0.18), hsl(0.6, 0.5, 0.15), packColour(r)]));
    const body = turned([[0, 0], [w * 0.93, 0], [w, 0.06], [w, h], [w * 0.9, h + 0.2], [neck * 1.3, h + 0.55], [neck, h + 0.7], [neck, h + 1.2], [0, h + 1.2]], glass);
    return group(body, at(sleeve(w * 1.008, h * 0.55, paper(r)), 0, h * 0.5, 0), at(rod(neck * 1.15, neck * 1.15, 0.35, capOf(r)), 0, h + 1.15, 0));
  },
  jar(r) {
    const h = between(r, 0.6, 1.5);
    const body = turned([[0, 0], [0.95, 0], [1, 0.06], [1, h], [0.94, h + 0.06], [0, h + 0.06]], pick(r, [glossy, matte])(packColour(r)));
    return group(body, at(sleeve(1.006, h * 0.6, paper(r, 1400, 300)), 0, h / 2, 0), at(rod(0.98, 0.98, between(r, 0.25, 0.5), capOf(r)), 0, h + 0.25, 0));
  },
  mug(r) {
    const skin = pick(r, [glossy(packColour(r)), speckled(r, packColour(r))]);
    const cup = turned([[0, 0], [0.7, 0], [0.8, 0.08], [between(r, 0.75, 0.95), 1.6], [0.76, 1.62], [0.7, 1.5], [0.68, 0.2], [0, 0.15]], skin);
    const handle = at(ring(0.45, 0.1, skin), 0.92, 0.85, 0);
    return at(group(cup, handle), 0, 0, 0, 0, between(r, -0.9, 0.9), 0);
  },
  glassdrink(r) {
    const h = between(r, 1.3, 2.1), top = between(r, 0.6, 0.8);
    const glass = turned([[0, 0], [0.5, 0], [0.55, 0.05], [top, h], [top - 0.03, h], [0.5, 0.12], [0, 0.1]], clear(0xffffff));
    const fill = turned([[0, 0.13], [0.48, 0.13], [0.46 + (top - 0.5) * 0.7, h * 0.72], [0, h * 0.72]], material({ color: pick(r, [0xe7a12c, 0xb0232a, 0xcfe6a0, 0x5a3418, 0xf2e7d5]), roughness: 0.15 }));
    const all = group(glass, fill);
    if (r() < 0.5) all.add(at(rod(0.03, 0.03, h * 1.5, matte(anyColour(r))), 0.15, h * 0.8, 0, 0, 0, -0.2));
    return all;
  },
  perfume(r) {
    const w = between(r, 0.9, 1.4), h = between(r, 1, 1.7);
    const body = at(block(w, h, 0.55, r() < 0.7 ? clear(pick(r, [0xf3d7c8, 0xd9e4ea, 0xe6d08a]), 0.06) : glossy(packColour(r))), 0, h / 2, 0);
    const label = at(block(w * 0.6, h * 0.3, 0.02, matte(0xfaf7f0)), 0, h / 2, 0.285);
    const cap = at(block(0.5, 0.5, 0.46, capOf(r)), 0, h + 0.45, 0);
    return at(group(body, label, at(rod(0.18, 0.18, 0.22, metal(0xcfa85a)), 0, h + 0.1, 0), cap), 0, 0, 0, 0, between(r, -0.6, 0.6), 0);
  },
  candle(r) {
    const cup = turned([[0, 0], [0.6, 0], [0.66, 0.06], [0.66, 1.3], [0.6, 1.3], [0.58, 0.15], [0, 0.15]], r() < 0.6 ? clear(0xffffff, 0.08) : glossy(packColour(r)));
    const wax = turned([[0, 0.16], [0.56, 0.16], [0.56, 0.95], [0, 0.92]], matte(pick(r, [0xf5ead6, 0xe9c7c4, 0xcfd8c8])));
    return group(cup, wax, at(sleeve(0.667, 0.6, paper(r, 700, 400), 1.6), 0, 0.6, 0));
  },
  can(r) {
    const h = between(r, 1.2, 2);
    const foot = turned([[0, 0], [0.5, 0], [0.62, 0.12], [0.62, 0.14]], metal(0xcfd3d6));
    const lid = turned([[0.62, h + 0.1], [0.5, h + 0.28], [0.5, h + 0.31], [0.44, h + 0.28], [0, h + 0.28]], metal(0xd5d8da));
    return at(group(foot, lid, at(sleeve(0.62, h, material({ map: printed(r, anyColour(r), 1024, 800), metalness: 0.35, roughness: 0.3 })), 0, h / 2 + 0.12, 0)), 0, 0, 0, 0, r() * 6, 0);
  },
  pump(r) {
    const w = between(r, 0.5, 0.7), h = between(r, 1.4, 2.1);
    const body = turned([[0, 0], [w * 0.95, 0], [w, 0.05], [w, h * 0.85], [w * 0.4, h], [0, h]], pick(r, [glossy(packColour(r)), clear(anyColour(r), 0.15)]));
    const head = glossy(pick(r, [0xffffff, 0x1d1d1f, 0xc9a86a]));
    const spout = group(at(rod(0.22, 0.24, 0.3, head), 0, h + 0.12, 0), at(rod(0.07, 0.07, 0.4, head), 0, h + 0.45, 0), at(block(0.75, 0.14, 0.26, head), 0.22, h + 0.68, 0));
    return at(group(body, at(sleeve(w * 1.008, h * 0.45, paper(r), 2.6), 0, h * 0.42, 0), spout), 0, 0, 0, 0, between(r, -1, 1), 0);
  },
  onggi(r) {
    const glaze = speckled(r, hsl(between(r, 0.03, 0.09), 0.45, between(r, 0.1, 0.3)));
    const pot = turned([[0, 0], [0.6, 0], [0.95, 0.5], [1.05, 1], [0.85, 1.5], [0.7, 1.62], [0.75, 1.7], [0, 1.7]], glaze);
    return group(pot, turned([[0.86, 1.7], [0.8, 1.85], [0.3, 1.98], [0.15, 2.02], [0.13, 2.15], [0, 2.17]], glaze));
  },
  vase(r) {
    const all = group(turned([[0, 0], [0.35, 0], [0.5, 0.5], [0.32, 1.1], [0.4, 1.3], [0.36, 1.3], [0, 1.2]], pick(r, [glossy(packColour(r)), clear(0xe8f2f2)])));
    const hue = r(), stem = matte(hsl(0.3, 0.4, 0.25));
    for (let i = 0; i < 13; i++) {
      const a = r() * 6.3, q = between(r, 0.1, 0.8), y = between(r, 1.7, 2.4);
      for (let k = 0; k < 7; k++) {
        const petal = at(ball(0.16, matte(hsl(hue + 0.06 * r(), 0.55, between(r, 0.5, 0.8)))), q * Math.cos(a) + 0.15 * Math.cos(k), y + 0.03 * k, q * Math.sin(a) + 0.15 * Math.sin(k), r(), k, r());
        petal.scale.set(1, 0.4, 0.75);
        all.add(petal);
      }
      all.add(at(rod(0.02, 0.02, 1.2, stem), q * 0.5 * Math.cos(a), y - 0.55, q * 0.5 * Math.sin(a), q * 0.7 * Math.sin(a), 0, -q * 0.7 * Math.cos(a)));
    }
    return all;
  },
  dropper(r) {
    const glass = pick(r, [clear(pick(r, [0x8a4a12, 0x2c5a3a, 0xf2e8dc]), 0.1), material({ color: 0x6a3410, roughness: 0.12, clearcoat: 1 }), glossy(packColour(r))]);
    const body = turned([[0, 0], [0.5, 0], [0.55, 0.06], [0.55, 1.1], [0.45, 1.3], [0.22, 1.42], [0.22, 1.55], [0, 1.55]], glass);
    const bulb = turned([[0.27, 1.5], [0.27, 1.8], [0.2, 1.85], [0.2, 2.2], [0.1, 2.4], [0, 2.42]], matte(pick(r, [0x1a1a1a, 0xf3f1ee])));
    return group(body, at(sleeve(0.556, 0.7, paper(r, 900, 500)), 0, 0.62, 0), bulb);
  },
  teapot(r) {
    const skin = pick(r, [glossy(packColour(r)), speckled(r, packColour(r))]);
    const body = warpedPot(skin);
    const spout = at(rod(0.1, 0.2, 0.9, skin), 0.98, 0.85, 0, 0, 0, -0.85);
    return at(group(body, spout, at(ring(0.5, 0.08, skin, Math.PI * 1.2), -0.85, 0.8, 0, 0, 0, 1.3), at(ball(0.12, skin), 0, 1.5, 0)), 0, 0, 0, 0, between(r, -0.8, 0.8), 0);
  },
  carafe(r) {
    const glass = turned([[0, 0], [0.6, 0], [0.72, 0.3], [0.5, 1.2], [0.27, 1.7], [0.4, 2.1], [0.37, 2.1], [0.24, 1.7], [0.45, 1.2], [0.66, 0.3], [0, 0.08]], clear(0xffffff));
    const fill = turned([[0, 0.1], [0.58, 0.1], [0.64, 0.32], [0.5, 0.95], [0, 0.95]], material({ color: pick(r, [0x7c1226, 0xe0a640, 0xf0e0cc, 0x3a1c0a]), roughness: 0.1 }));
    return group(glass, fill);
  },
  spray(r) {
    const skin = glossy(packColour(r)), head = glossy(anyColour(r));
    const body = at(extruded([[-0.6, 0], [0, -0.02], [0.6, 0], [0.65, 0.9], [0.4, 1.6], [0.18, 1.9], [-0.18, 1.9], [-0.4, 1.6], [-0.65, 0.9], [-0.6, 0]], 0.45, skin), 0, 0.1, 0);
    const trigger = at(block(0.12, 0.55, 0.16, head), 0.38, 2.1, 0, 0, 0, 0.45);
    return at(group(body, at(block(0.8, 0.85, 0.02, paper(r, 512, 512)), 0, 0.85, 0.32), at(block(0.95, 0.4, 0.4, head), 0.12, 2.35, 0), at(rod(0.2, 0.2, 0.3, head), 0, 2.05, 0), trigger), 0, 0, 0, 0, between(r, -0.7, 0.7), 0);
  },
};

const warpedPot = (skin) => turned([[0, 0], [0.55, 0], [0.95, 0.4], [0.98, 0.75], [0.75, 1.2], [0.4, 1.38], [0, 1.45]], skin);
