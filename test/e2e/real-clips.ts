import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openSessionReader } from '../../src-main/core/store/index.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { maskBox } from '../../src-shared/mask/rle.ts';
import { Desk } from './desk.ts';
import { findChromium, root, StudioPage } from './studio-page.ts';

/** Clips that nobody made for us. */
export const CLIPS = join(root, '../shared/media/clips');
const chromium = findChromium();
/** Whether flows on real clips can be tried; said in one line where not. */
export const hasRealClips = chromium !== null && existsSync(CLIPS);
if (!hasRealClips) console.log('e2e: flows on real clips are skipped, there is no ../shared/media or no Chromium');

/** What is on the clips' first frames, in pixels of 1280x720. */
export const DOG = { clip: '14_social_dog_training.mp4', frames: 146, body: [800, 390], grass: [300, 600] } as const;
export const CUPS = { clip: '02_cups.mp4' } as const;
/** The boy steps behind the man at 24 and looks out again on the left at 52. */
export const HIDE = {
  clip: '12_hideandseek.mp4',
  boy: [470, 540],
  man: [840, 440],
  gone: 30,
  back: 50,
  boyAgain: [470, 520],
} as const;

export async function startDesk(settings: object = {}): Promise<Desk> {
  return Desk.on(await StudioPage.start(chromium!, { settings }));
}

/** Where the studio keeps the session of a clip. */
export function sessionOf(desk: Desk, clip: string): string {
  return join(desk.studio.home, 'sessions', clip.replace('.mp4', '.masklet'));
}

/** An object's stored mask on a frame; null: absent or not tracked. */
export function maskOf(path: string, frame: number, id = 1) {
  using reader = openSessionReader(path);
  return reader.masks.get(frameIndex(frame), objectId(id))?.mask ?? null;
}

export function boxOf(path: string, frame: number, id: number) {
  const mask = maskOf(path, frame, id);
  return mask === null ? null : maskBox(mask);
}
