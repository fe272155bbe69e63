/**
 * node test/bench/page.ts [--only scrub,exact,play,busy,long,start] [--frames N] [--objects N]
 *
 * How fast the page answers, in a real Chromium (software rendering) through `serve`; one line or table a measurement. `long` opens a
 * session of N frames (270000: three hours) with N objects (64), which is made once, in minutes, and kept under test/out. Absolute figures
 * depend on the machine: run it on an idle one. What they were is in docs/performance.md.
 */
import { parseArgs } from 'node:util';
import { findChromium } from '../e2e/studio-page.ts';
import { measureBusy } from './page/busy.ts';
import { measureExact } from './page/exact.ts';
import { measureLong } from './page/long.ts';
import { measurePlay } from './page/play.ts';
import { measureScrub } from './page/scrub.ts';
import { measureStart } from './page/start.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'scrub,exact,play,busy,long,start' },
    frames: { type: 'string', default: '270000' },
    objects: { type: 'string', default: '64' },
  },
});
const measurements: Readonly<Record<string, (chromium: string) => Promise<void>>> = {
  scrub: measureScrub,
  exact: measureExact,
  play: measurePlay,
  busy: measureBusy,
  long: (chromium) => measureLong(chromium, Number(values.frames), Number(values.objects)),
  start: measureStart,
};
const chromium = findChromium();
for (const name of chromium === null ? [] : values.only.split(',')) await measurements[name](chromium ?? '');
