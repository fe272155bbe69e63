/** Thread entry of the frame ring test: pushes frames whose bytes all equal their index. */
import { parentPort, workerData } from 'node:worker_threads';
import { FrameRing, type FrameRingLayout } from '../../src-main/core/video/index.ts';

const { layout, frames } = workerData as { layout: FrameRingLayout; frames: number };
const ring = FrameRing.attach(layout);
for (let index = 0; index < frames; index++)
  await ring.push(index, index * 512, new Uint8Array(layout.slotBytes).fill(index & 255));
parentPort?.postMessage('done');
