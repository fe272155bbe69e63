import { Actor } from './actor.ts';
import { cast } from './cast.ts';
import { fps, poseAt } from './choreography.ts';
import { smoothstep } from './noise.ts';
import { shadeThing } from './shade-thing.ts';
import { bakeSprite, sampleDistance, spriteReach } from './sprites.ts';
import { type Canvas, height, paperStage, width, windowLight } from './stage.ts';

const shutterSecs = 0.42 / fps;
/** The shutter averages moments so close that no outline jumps further than this between them. */
const jumpPixels = 2.4;
/** A floor shadow of a point at height h lies h * slant to the right and h * flat up the picture. */
const slant = 0.4;
const flat = 0.27;

/** Paints frames in any order; owns its buffers. */
export class FramePainter {
  readonly sprites = cast.map(bakeSprite);
  readonly #stage = paperStage();
  readonly #lit = new Float32Array(this.#stage.length);
  readonly #sample = new Float32Array(this.#stage.length);
  readonly #canvas = new Float32Array(this.#stage.length);
  readonly #owner = new Uint8Array(width * height);

  /** Every thing's pose, from the back to the front. */
  actorsAt(secs: number): readonly Actor[] {
    return this.sprites.map((sprite) => new Actor(sprite, poseAt(sprite.thing, secs)));
  }

  /** Linear picture of frame `index`; valid until the next call. */
  paint(index: number): Canvas {
    const secs = index / fps;
    this.#lightStage(secs);
    this.#canvas.fill(0);
    const shutterSamples = this.#samplesFor(secs);
    for (let sample = 0; sample < shutterSamples; sample++) {
      const moment = secs + ((sample + 0.5) / shutterSamples - 0.5) * shutterSecs;
      this.#sample.set(this.#lit);
      this.#owner.fill(0);
      this.actorsAt(moment).forEach((actor, at) => {
        dimBehind(this.#sample, this.#owner, actor);
        shadeThing(this.#sample, this.#owner, actor, at + 1);
      });
      for (let at = 0; at < this.#canvas.length; at++) this.#canvas[at] += this.#sample[at];
    }
    for (let at = 0; at < this.#canvas.length; at++) this.#canvas[at] /= shutterSamples;
    return this.#canvas;
  }

  #samplesFor(secs: number): number {
    const jumps = this.sprites.map(({ thing }) => {
      const from = poseAt(thing, secs - shutterSecs / 2);
      const to = poseAt(thing, secs + shutterSecs / 2);
      const turned = Math.abs(to.angle - from.angle) + Math.abs(to.stretchY - from.stretchY);
      return Math.hypot(to.x - from.x, to.y - from.y) + turned * thing.size;
    });
    return Math.min(9, Math.max(2, Math.ceil(Math.max(...jumps) / jumpPixels)));
  }

  #lightStage(secs: number): void {
    const light = windowLight(secs);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const at = (y * width + x) * 3;
        const sun = light(x, y);
        this.#lit[at] = this.#stage[at] * (0.85 + 0.245 * sun);
        this.#lit[at + 1] = this.#stage[at + 1] * (0.862 + 0.212 * sun);
        this.#lit[at + 2] = this.#stage[at + 2] * (0.885 + 0.145 * sun);
      }
    }
    for (const actor of this.actorsAt(secs)) castShadow(this.#lit, actor);
  }
}

/** The long soft shadow on the floor and the dark line of contact below the thing. */
function castShadow(canvas: Canvas, actor: Actor): void {
  const { sprite, pose } = actor;
  const { size, laneY } = sprite.thing;
  const low = Math.max(0, laneY - pose.y - size * spriteReach);
  const high = laneY - pose.y + size * spriteReach;
  const left = pose.x + slant * low - size * spriteReach;
  const right = pose.x + slant * high + size * spriteReach;
  const contact = 0.8 * Math.exp(-pose.gap / 38);
  for (let y = Math.max(0, Math.floor(laneY - flat * high)); y < Math.min(height, laneY + 30); y++) {
    const up = Math.max(0, (laneY - y) / flat);
    const blur = (5 + 0.085 * up) / size;
    const fade = 0.5 * Math.exp(-up / 620);
    for (let x = Math.max(0, Math.floor(left)); x < Math.min(width, right); x++) {
      let shadow = 0;
      if (y <= laneY) {
        const fromX = x - slant * up;
        const fromY = laneY - up;
        const distance = sampleDistance(sprite, actor.localX(fromX, fromY), actor.localY(fromX, fromY));
        shadow = fade * smoothstep(blur, -blur, distance);
      }
      const reach = Math.hypot((x - pose.x - 6) / (size * 0.95), (y - laneY - 2) / (size * 0.16));
      const dark = 1 - (1 - shadow) * (1 - contact * smoothstep(1, 0, reach));
      if (dark < 0.002) continue;
      const at = (y * width + x) * 3;
      canvas[at] *= 1 - dark * 0.8;
      canvas[at + 1] *= 1 - dark * 0.78;
      canvas[at + 2] *= 1 - dark * 0.7;
    }
  }
}

/** A thing takes light from the things close behind it: without this, overlaps look like paper cut-outs. */
function dimBehind(canvas: Canvas, owner: Uint8Array, actor: Actor): void {
  const { sprite, pose } = actor;
  const reach = sprite.thing.size * spriteReach;
  const blur = 30 / sprite.thing.size;
  for (let y = Math.max(0, Math.floor(pose.y - reach)); y < Math.min(height, pose.y + reach + 12); y++) {
    for (let x = Math.max(0, Math.floor(pose.x - reach)); x < Math.min(width, pose.x + reach + 16); x++) {
      if (owner[y * width + x] === 0) continue;
      const distance = sampleDistance(sprite, actor.localX(x - 12, y - 8), actor.localY(x - 12, y - 8));
      const dark = 0.4 * smoothstep(blur, -blur * 0.4, distance);
      const at = (y * width + x) * 3;
      for (let channel = 0; channel < 3; channel++) canvas[at + channel] *= 1 - dark;
    }
  }
}
