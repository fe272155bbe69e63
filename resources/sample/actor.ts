import type { Pose } from './choreography.ts';
import type { Sprite } from './sprites.ts';

/** A thing at one moment, ready to be sampled from the screen. */
export class Actor {
  readonly sprite: Sprite;
  readonly pose: Pose;
  readonly #alongX: number;
  readonly #acrossX: number;
  readonly #alongY: number;
  readonly #acrossY: number;

  constructor(sprite: Sprite, pose: Pose) {
    const { size } = sprite.thing;
    this.sprite = sprite;
    this.pose = pose;
    this.#alongX = Math.cos(pose.angle) / (size * pose.stretchX);
    this.#acrossX = Math.sin(pose.angle) / (size * pose.stretchY);
    this.#alongY = Math.cos(pose.angle) / (size * pose.stretchY);
    this.#acrossY = -Math.sin(pose.angle) / (size * pose.stretchX);
  }

  /** Screen position to the thing's own frame, in units of its size. */
  localX(x: number, y: number): number {
    return (x - this.pose.x) * this.#alongX + (y - this.pose.y) * this.#acrossX;
  }

  localY(x: number, y: number): number {
    return (y - this.pose.y) * this.#alongY + (x - this.pose.x) * this.#acrossY;
  }

  /** Where a point of the thing is on the screen. */
  screenOf([x, y]: readonly [number, number]): { readonly x: number; readonly y: number } {
    const { pose, sprite } = this;
    const turnedX = x * Math.cos(pose.angle) - y * Math.sin(pose.angle);
    const turnedY = x * Math.sin(pose.angle) + y * Math.cos(pose.angle);
    return {
      x: pose.x + turnedX * sprite.thing.size * pose.stretchX,
      y: pose.y + turnedY * sprite.thing.size * pose.stretchY,
    };
  }
}
