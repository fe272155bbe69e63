import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { FrameRing } from '../../src-main/core/video/index.ts';

const PRODUCER = resolve(import.meta.dirname, '../support/frame-ring-producer.ts');

describe('FrameRing between threads', () => {
  it('hands 500 frames over in order, whole, through 3 slots', async () => {
    const ring = FrameRing.create(3, 64 * 64 * 3);
    const worker = new Worker(PRODUCER, { workerData: { layout: ring.layout, frames: 500 } });
    try {
      for (let index = 0; index < 500; index++) {
        const slot = await ring.take();
        expect([slot.frameIndex, slot.pts]).toEqual([index, index * 512]);
        expect(slot.pixels.every((byte) => byte === (index & 255))).toBe(true);
        ring.release();
      }
      expect(ring.hasNext).toBe(false);
    } finally {
      await worker.terminate();
    }
  });

  it('makes the producer wait when it is full', async () => {
    const ring = FrameRing.create(2, 3);
    const other = FrameRing.attach(ring.layout);
    await ring.push(0, 0, new Uint8Array(3));
    await ring.push(1, 1, new Uint8Array(3));
    let pushed = false;
    const third = ring.push(2, 2, new Uint8Array([7, 8, 9])).then(() => {
      pushed = true;
    });
    await new Promise((done) => setImmediate(done));
    expect(pushed).toBe(false);
    await other.take();
    other.release();
    await third;
    await other.take();
    other.release();
    expect([...(await other.take()).pixels]).toEqual([7, 8, 9]);
  });

  it('stops waiting when asked, at both ends', async () => {
    const ring = FrameRing.create(1, 3);
    const taking = new AbortController();
    const take = ring.take(taking.signal);
    taking.abort();
    await expect(take).rejects.toMatchObject({ code: 'cancelled' });
    await ring.push(0, 0, new Uint8Array(3));
    const pushing = new AbortController();
    const push = ring.push(1, 1, new Uint8Array(3), pushing.signal);
    pushing.abort();
    await expect(push).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('refuses a frame of another size and a release of nothing', async () => {
    const ring = FrameRing.create(1, 3);
    await expect(ring.push(0, 0, new Uint8Array(4))).rejects.toThrow(RangeError);
    expect(() => ring.release()).toThrow();
  });
});
