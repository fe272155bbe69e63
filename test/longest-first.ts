import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take longest on a fresh machine, which has no record of earlier runs: started last, one alone would be the tail. */
const LONGEST = [
  'render-clips.test.ts',
  'main-job.test.ts',
  'kill.test.ts',
  'first-flows.test.ts',
  'real-clips.test.ts',
  'screens.test.ts',
  'real-clips-review.test.ts',
  'video-frames.test.ts',
  'frame-identity.test.ts',
  'review.test.ts',
  'desktop.test.ts',
  'corrections.test.ts',
  'home.test.ts',
  'video-encoder.test.ts',
  'render-styles.test.ts',
];

/** Longest first over all projects, so that both workers have something to do until the end. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = LONGEST.indexOf(basename(moduleId));
      return place < 0 ? LONGEST.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
