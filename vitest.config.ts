import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

/**
 * Unit and contract suites are fast, need no binaries and leave nothing behind, so their files share one process; integration and
 * golden use ffmpeg, ONNX Runtime and threads. Two files side by side keep two cores busy; beside a third
 * each of four long ones took two to three times as long.
 */
const WORKERS = 2;

/** Suites about what ffmpeg makes of videos, which the one of this machine has to pass. */
const MEDIA = ['main-job', 'clip-facts', 'view-frames', 'export-render', 'video-*', 'render-*', 'redaction-*'].map(
  (name) => `test/integration/${name}.test.ts`,
);

/**
 * ffmpeg of the npm packages, for suites in which it is only what reads and writes the videos: it starts at once, where one of a Linux
 * distribution loads some two hundred libraries first. Suites about media and `npm run demo` take the one at hand.
 */
function npmTools(): Record<string, string> {
  const requireHere = createRequire(import.meta.url);
  const pathOf = (name: string) => (requireHere(name) as { path: string }).path;
  try {
    return { FFMPEG_BIN: pathOf('@ffmpeg-installer/ffmpeg'), FFPROBE_BIN: pathOf('@ffprobe-installer/ffprobe') };
  } catch {
    // They carry no build for this system.
    return {};
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 60_000, isolate: false } },
      { test: { name: 'contract', include: ['test/contract/**/*.test.ts'], testTimeout: 60_000, isolate: false } },
      {
        test: {
          name: 'golden',
          env: npmTools(),
          include: ['test/golden/**/*.test.ts'],
          testTimeout: 300_000,
          pool: 'forks',
          maxWorkers: WORKERS,
        },
      },
      {
        test: {
          name: 'e2e',
          env: npmTools(),
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 400_000,
          hookTimeout: 120_000,
          pool: 'forks',
          maxWorkers: WORKERS,
        },
      },
      {
        test: {
          name: 'media',
          include: MEDIA,
          testTimeout: 600_000,
          hookTimeout: 600_000,
          pool: 'forks',
          maxWorkers: WORKERS,
        },
      },
      {
        test: {
          name: 'integration',
          env: npmTools(),
          include: ['test/integration/**/*.test.ts'],
          exclude: MEDIA,
          testTimeout: 600_000,
          hookTimeout: 600_000,
          pool: 'forks',
          maxWorkers: WORKERS,
        },
      },
    ],
  },
});
