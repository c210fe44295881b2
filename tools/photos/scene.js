// Takes one photo of one product: ground, light, clutter, camera; then the exact mask and a depth map of the same view.
import * as THREE from 'three';
import { RoomEnvironment } from 'three/addons/environments/RoomEnvironment.js';
import { at, between, block, ball, hsl, material, pick, randomOf, rod, warped } from './forms.js';
import { VESSELS } from './products/vessels.js';
import { PACKS } from './products/packs.js';
import { FOOD } from './products/food.js';
import { THINGS } from './products/things.js';

const PRODUCTS = { ...VESSELS, ...PACKS, ...FOOD, ...THINGS };
const canvas = document.getElementById('canvas');
const renderer = new THREE.WebGLRenderer({ canvas, antialias: true, preserveDrawingBuffer: true });
renderer.setPixelRatio(1);
renderer.shadowMap.enabled = true;

/** Reflected surroundings: a white room, a dark studio with two softboxes, an open sky over ground. */
function surroundings() {
  const filter = new THREE.PMREMGenerator(renderer);
  const studio = new THREE.Scene();
  studio.background = new THREE.Color(0x1a1a1c);
  const glow = (w, h, x, y, z, strength) => { const panel = at(block(w, h, 0.1, new THREE.MeshBasicMaterial({ color: new THREE.Color(strength, strength, strength) })), x, y, z); panel.lookAt(0, 0, 0); studio.add(panel); };
  glow(6, 8, -8, 3, 2, 9);
  glow(3, 8, 8, 4, 3, 5);
  glow(10, 3, 0, 9, 0, 4);
  const open = new THREE.Scene();
  open.background = new THREE.Color(0x9db8d4);
  open.add(at(block(60, 0.1, 60, new THREE.MeshBasicMaterial({ color: 0x6a5f52 })), 0, -2, 0), at(ball(2.5, new THREE.MeshBasicMaterial({ color: new THREE.Color(12, 11, 9) })), 9, 8, 3));
  return { room: filter.fromScene(new RoomEnvironment(), 0.04).texture, studio: filter.fromScene(studio, 0.02).texture, open: filter.fromScene(open, 0.02).texture };
}

const AROUND = surroundings();
const loaded = new Map();
async function textureNamed(name) {
  if (!loaded.has(name)) {
    const texture = await new THREE.TextureLoader().loadAsync(`/textures/${name}.png`);
    texture.colorSpace = THREE.SRGBColorSpace;
    texture.wrapS = texture.wrapT = THREE.RepeatWrapping;
    texture.anisotropy = 8;
    loaded.set(name, texture);
  }
  return loaded.get(name);
}

/** ``{colour}`` or ``{texture, repeat, tint}``, with a roughness. */
async function surface(spec) {
  if (!spec.texture) return material({ color: spec.colour, roughness: spec.roughness ?? 0.9, side: THREE.DoubleSide });
  const map = (await textureNamed(spec.texture)).clone();
  map.repeat.set(spec.repeat, spec.repeat);
  map.needsUpdate = true;
  return material({ map, color: spec.tint ?? 0xffffff, roughness: spec.roughness ?? 0.8, side: THREE.DoubleSide });
}

/** A floor that curves up into a wall, as photographers hang paper. */
function sweep(skin, back, radius) {
  const profile = [[14, 0], [-back + radius, 0]];
  for (let i = 1; i <= 12; i++) { const a = (i / 12) * Math.PI / 2; profile.push([-back + radius - radius * Math.sin(a), radius - radius * Math.cos(a)]); }
  profile.push([-back, 30]);
  const sheet = new THREE.PlaneGeometry(60, 1, 1, profile.length - 1), position = sheet.attributes.position;
  for (let i = 0; i < position.count; i++) { const [z, y] = profile[Math.floor(i / 2)]; position.setXYZ(i, position.getX(i), y, z); }
  sheet.computeVertexNormals();
  return new THREE.Mesh(sheet, skin);
}

function cloth(skin, r) {
  const a = r() * 9, b = r() * 9, sheet = new THREE.Mesh(new THREE.PlaneGeometry(30, 30, 120, 120), skin);
  warped(sheet, (x, y) => [x, y, -0.12 + 0.1 * Math.sin(x * 1.1 + a + 0.7 * Math.sin(y * 0.6)) + 0.05 * Math.sin(y * 1.9 + b + x * 0.5)]);
  return at(sheet, 0, 0, 0, -Math.PI / 2, 0, 0);
}

async function ground(spec, size, r) {
  const all = new THREE.Group(), skin = await surface(spec.floor);
  if (spec.kind === 'sweep') all.add(sweep(skin, spec.back * size, between(r, 1, 3) * size));
  else if (spec.kind === 'cloth') all.add(cloth(skin, r));
  else if (spec.kind === 'table') all.add(at(block(between(r, 4, 9) * size, 0.25 * size, between(r, 2.6, 4) * size, skin), 0, -0.126 * size, 0));
  else all.add(at(new THREE.Mesh(new THREE.PlaneGeometry(80, 80), skin), 0, 0, 0, -Math.PI / 2, 0, 0));
  if (spec.wall) all.add(at(new THREE.Mesh(new THREE.PlaneGeometry(60, 40), await surface(spec.wall)), 0, 15, -spec.back * size, 0, between(r, -0.25, 0.25), 0));
  if (spec.backdrop) {
    const far = 3.5 * size, picture = new THREE.MeshBasicMaterial({ map: await textureNamed(spec.backdrop) });
    all.add(at(new THREE.Mesh(new THREE.PlaneGeometry(9 * size, 6 * size), picture), 0, between(r, 0.6, 2) * size, -far));
  }
  return all;
}

/** Things that are not the product: behind it, and now and then at its side. */
function clutter(spec, size, width, r) {
  const all = new THREE.Group(), names = Object.keys(PRODUCTS);
  for (let i = 0; i < spec.count; i++) {
    const s = size * between(r, 0.15, 0.6), skin = material({ color: hsl(r(), between(r, 0.05, 0.7), between(r, 0.1, 0.85)), roughness: between(r, 0.2, 0.95) });
    const item = spec.products && r() < 0.6 ? PRODUCTS[pick(r, names.filter((n) => n !== 'row' && n !== 'pair'))](r) : pick(r, [() => block(s, s * between(r, 0.4, 2.5), s, skin), () => ball(s * 0.6, skin), () => rod(s * 0.4, s * 0.5, s * 2, skin)])();
    let box = new THREE.Box3().setFromObject(item);
    item.scale.multiplyScalar(Math.min(1.4, (s * 2.2) / Math.max(box.max.y - box.min.y, box.max.x - box.min.x)));
    box = new THREE.Box3().setFromObject(item);
    const beside = r() < spec.beside, x = beside ? pick(r, [-1, 1]) * (width * between(r, 0.62, 0.9) + (box.max.x - box.min.x) / 2) : (r() - 0.5) * size * 4.5;
    item.position.x += x;
    item.position.y -= box.min.y;
    item.position.z += beside ? between(r, -0.6, 0.2) * size : -size * between(r, 1.1, 2.6);
    all.add(item);
  }
  return all;
}

function lights(spec, size, r) {
  const sun = new THREE.DirectionalLight(spec.colour, spec.strength);
  const azimuth = spec.azimuth, height = spec.height, far = 8 * size;
  sun.position.set(far * Math.sin(azimuth) * Math.cos(height), far * Math.sin(height), far * Math.cos(azimuth) * Math.cos(height));
  sun.castShadow = true;
  sun.shadow.mapSize.set(1024, 1024);
  sun.shadow.radius = spec.softness;
  sun.shadow.bias = -0.0008;
  sun.shadow.normalBias = 0.02;
  const q = size * 2.6;
  Object.assign(sun.shadow.camera, { left: -q, right: q, top: q, bottom: -q, near: 0.1, far: far * 2.5 });
  const all = new THREE.Group();
  all.add(sun);
  if (spec.lamp) {
    const lamp = new THREE.PointLight(spec.lamp, spec.lampStrength * size * size);
    lamp.position.set(pick(r, [-1, 1]) * size * 1.6, size * between(r, 1, 2.2), size * between(r, -0.6, 1.4));
    all.add(lamp);
  }
  return all;
}

/** Slats out of sight, before the sun: their stripes of shadow fall across the scene, like a window's. */
function blinds(sun, size) {
  const all = new THREE.Group();
  for (let i = -3; i <= 3; i++) all.add(at(block(size * 4, size * 0.14, 0.02, material({ color: 0x222222 })), 0, i * size * 0.42, 0));
  all.position.copy(sun.position).multiplyScalar(0.7);
  all.lookAt(0, 0, 0);
  return all;
}

function camera(spec, width, height, box) {
  const eye = new THREE.PerspectiveCamera(spec.angle, width / height, 0.05, 400), middle = box.getCenter(new THREE.Vector3()), extent = box.getSize(new THREE.Vector3());
  const reach = Math.max(extent.y * 0.55 + extent.z * 0.4 * Math.sin(spec.elevation), (extent.x * 0.55 * height) / width);
  const far = (reach / Math.tan((spec.angle * Math.PI) / 360)) * spec.room;
  eye.position.set(middle.x + far * Math.sin(spec.azimuth) * Math.cos(spec.elevation), middle.y + far * Math.sin(spec.elevation), middle.z + far * Math.cos(spec.azimuth) * Math.cos(spec.elevation));
  eye.position.y = Math.max(eye.position.y, 0.06 * reach);
  eye.lookAt(middle.x + spec.shift[0] * reach, middle.y + spec.shift[1] * reach, middle.z);
  eye.rotateZ(spec.roll);
  return { eye, far };
}

const depthSkin = (far) => new THREE.ShaderMaterial({
  uniforms: { far: { value: far } }, side: THREE.DoubleSide,
  vertexShader: 'varying float z; void main() { vec4 p = modelViewMatrix * vec4(position, 1.0); z = -p.z; gl_Position = projectionMatrix * p; }',
  fragmentShader: 'uniform float far; varying float z; void main() { gl_FragColor = vec4(vec3(clamp(z / far, 0.0, 1.0)), 1.0); }',
});

const castAll = (object, casts = true) => object.traverse((part) => { if (part.isMesh) { part.castShadow = casts; part.receiveShadow = true; } });

function standing(spec, r) {
  const product = PRODUCTS[spec.product](r);
  product.rotation.y += between(r, -0.3, 0.3);
  const box = new THREE.Box3().setFromObject(product), podium = spec.podium ?? 0;
  product.position.y -= box.min.y - podium * (box.max.y - box.min.y);
  product.position.x -= (box.min.x + box.max.x) / 2;
  product.position.z -= (box.min.z + box.max.z) / 2;
  return { product, box: new THREE.Box3().setFromObject(product) };
}

async function podiumUnder(spec, box, r) {
  const w = (box.max.x - box.min.x) * between(r, 0.6, 0.95), skin = await surface(spec.podiumSkin), h = box.min.y;
  return at(r() < 0.6 ? rod(w, w, h, skin) : block(w * 2, h, w * 1.8, skin), 0, h / 2 - 0.002, 0);
}

/** Renders ``spec`` and answers PNG data URIs: photo, mask (white = product), depth (white = 3 x the camera's distance). */
window.shot = async (spec) => {
  const r = randomOf(spec.seed), scene = new THREE.Scene(), behind = new THREE.Group();
  renderer.setSize(spec.width, spec.height, false);
  scene.environment = AROUND[spec.around];
  scene.environmentIntensity = spec.fill;
  const { product, box } = standing(spec, r);
  castAll(product);
  const extent = box.getSize(new THREE.Vector3()), size = Math.max(extent.x, extent.y);
  behind.add(await ground(spec.ground, size, r));
  castAll(behind, spec.ground.kind === 'table');
  if (spec.clutter) { const extra = clutter(spec.clutter, size, extent.x, r); castAll(extra); behind.add(extra); }
  if (spec.podium) { const extra = await podiumUnder(spec, box, r); castAll(extra); behind.add(extra); }
  const lamps = lights(spec.light, size, r);
  const { eye, far } = camera(spec.camera, spec.width, spec.height, box);
  scene.background = new THREE.Color(spec.beyond);
  scene.add(product, behind, lamps);
  const slats = spec.light.blinds ? blinds(lamps.children[0], size) : null;
  if (slats) { castAll(slats); scene.add(slats); }
  renderer.toneMapping = pick(r, [THREE.ACESFilmicToneMapping, THREE.AgXToneMapping, THREE.NeutralToneMapping]);
  renderer.toneMappingExposure = spec.exposure;
  renderer.render(scene, eye);
  const photo = canvas.toDataURL('image/png');
  renderer.toneMapping = THREE.NoToneMapping;
  renderer.shadowMap.enabled = false;
  if (slats) scene.remove(slats);
  scene.environment = null;
  scene.background = new THREE.Color(0xffffff);
  scene.overrideMaterial = depthSkin(far * 3);
  renderer.render(scene, eye);
  const depth = canvas.toDataURL('image/png');
  behind.visible = false;
  scene.background = new THREE.Color(0);
  scene.overrideMaterial = new THREE.MeshBasicMaterial({ color: 0xffffff, side: THREE.DoubleSide });
  renderer.render(scene, eye);
  const mask = canvas.toDataURL('image/png');
  renderer.shadowMap.enabled = true;
  scene.traverse((part) => { part.geometry?.dispose(); });
  return [photo, mask, depth];
};
window.ready = true;
