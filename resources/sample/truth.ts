import { maskBox, type RleMask, rleFromBitmap } from '../../src-shared/mask/rle.ts';
import type { Actor } from './actor.ts';
import { cast } from './cast.ts';
import { fps, frameCount } from './choreography.ts';
import { sampleDistance, spriteReach } from './sprites.ts';
import { height, width } from './stage.ts';
import type { SampleTruth, ThingTruth } from './truth-file.ts';

/** Collects the visible masks, frame by frame. */
export class TruthBook {
  readonly #masks = new Map(cast.map(({ name }) => [name, [] as (RleMask | null)[]]));
  readonly #clicks = new Map<string, { x: number; y: number }>();

  /** `actors` from the back to the front, as painted. */
  add(actors: readonly Actor[]): void {
    const owner = new Uint8Array(width * height);
    for (const [index, actor] of actors.entries()) cover(owner, actor, index + 1);
    actors.forEach((actor, index) => {
      const { name, grip } = actor.sprite.thing;
      const bitmap = owner.map((mark) => (mark === index + 1 ? 1 : 0));
      this.#masks.get(name)?.push(bitmap.includes(1) ? rleFromBitmap(bitmap, width, height) : null);
      if (this.#clicks.has(name)) return;
      const { x, y } = actor.screenOf(grip);
      this.#clicks.set(name, { x: Math.round(x), y: Math.round(y) });
    });
  }

  /** The truth so far. */
  truth(clip: string): SampleTruth {
    const things = cast.map(({ name, phrases }) => {
      const masks = this.#masks.get(name) ?? [];
      const click = this.#clicks.get(name) ?? { x: 0, y: 0 };
      const stored = masks.map((mask) => (mask === null ? null : Buffer.from(mask.bytes).toString('base64')));
      return { name, phrases, click, box: boxOf(masks[0]), masks: stored };
    });
    return { clip, width, height, fps, frameCount, things };
  }
}

function cover(owner: Uint8Array, actor: Actor, mark: number): void {
  const { sprite, pose } = actor;
  const reach = sprite.thing.size * spriteReach;
  for (let y = Math.max(0, Math.floor(pose.y - reach)); y < Math.min(height, pose.y + reach); y++) {
    for (let x = Math.max(0, Math.floor(pose.x - reach)); x < Math.min(width, pose.x + reach); x++) {
      if (sampleDistance(sprite, actor.localX(x, y), actor.localY(x, y)) < 0) owner[y * width + x] = mark;
    }
  }
}

function boxOf(mask: RleMask | null | undefined): ThingTruth['box'] {
  const box = mask ? maskBox(mask) : null;
  return box ?? { x: 0, y: 0, width: 0, height: 0 };
}
