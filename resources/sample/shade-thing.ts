import type { Actor } from './actor.ts';
import { smoothstep } from './noise.ts';
import { sampleDistance, sampleSprite, spriteReach } from './sprites.ts';
import { type Canvas, height, width } from './stage.ts';

/** Towards the key light: high on the left, in front. */
const key = normalised([-0.48, -0.62, 0.62]);
const half = normalised([key[0], key[1], key[2] + 1]);

/** Composites one thing over the canvas with a soft, clay-like shading; marks its pixels with `mark` in `owner`. */
export function shadeThing(canvas: Canvas, owner: Uint8Array, actor: Actor, mark: number): void {
  const { sprite, pose } = actor;
  const { size, laneY } = sprite.thing;
  const reach = size * spriteReach * 0.85;
  const texel = new Float32Array(7);
  const cos = Math.cos(pose.angle);
  const sin = Math.sin(pose.angle);
  const edge = size * Math.min(pose.stretchX, pose.stretchY);
  for (let y = Math.max(0, Math.floor(pose.y - reach)); y < Math.min(height, pose.y + reach); y++) {
    for (let x = Math.max(0, Math.floor(pose.x - reach)); x < Math.min(width, pose.x + reach); x++) {
      const localX = actor.localX(x, y);
      const localY = actor.localY(x, y);
      const cover = Math.min(1, 0.5 - sampleDistance(sprite, localX, localY) * edge);
      if (cover <= 0 || !sampleSprite(sprite, localX, localY, texel)) continue;
      const normalX = texel[1] * cos - texel[2] * sin;
      const normalY = texel[1] * sin + texel[2] * cos;
      const normalZ = texel[3];
      const light = lightOn(normalX, normalY, normalZ, smoothstep(-4, 70, laneY - y));
      const at = (y * width + x) * 3;
      for (let channel = 0; channel < 3; channel++) {
        const colour = texel[4 + channel] * light.diffuse[channel] + light.gloss;
        canvas[at + channel] += (colour - canvas[at + channel]) * cover;
      }
      if (cover >= 0.5) owner[y * width + x] = mark;
    }
  }
}

const result = { diffuse: [0, 0, 0], gloss: 0 };

/** `open`: 0 near the floor, where less light arrives, 1 above. Returns a shared object. */
function lightOn(
  x: number,
  y: number,
  z: number,
  open: number,
): { readonly diffuse: readonly number[]; readonly gloss: number } {
  const facing = x * key[0] + y * key[1] + z * key[2];
  // Wrapped: clay lets light creep around the edge.
  const wrapped = Math.max(0, (facing + 0.35) / 1.35);
  const sky = 0.5 - 0.5 * y;
  const occlusion = 0.7 + 0.3 * open;
  const bounce = Math.max(0, y) * (1 - 0.5 * open);
  const sun = 0.78 * wrapped * wrapped ** 0.25;
  const ambient = (0.34 + 0.16 * sky) * occlusion;
  result.diffuse[0] = sun * 1.04 + ambient + 0.12 * bounce;
  result.diffuse[1] = sun + ambient + 0.1 * bounce;
  result.diffuse[2] = sun * 0.94 + ambient * 1.05 + 0.08 * bounce;
  const mirror = Math.max(0, x * half[0] + y * half[1] + z * half[2]);
  const rim = (1 - z) ** 3 * smoothstep(-0.2, 0.7, x * 0.7 - y * 0.5);
  result.gloss = 0.16 * mirror ** 26 + 0.05 * mirror ** 6 + 0.07 * rim;
  return result;
}

function normalised([x, y, z]: readonly [number, number, number]): readonly [number, number, number] {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}
