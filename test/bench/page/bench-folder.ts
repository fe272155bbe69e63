import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../e2e/studio-page.ts';

/** Where clips and sessions that take long to make are kept between runs; ignored by git. */
export function benchFolder(): string {
  const folder = join(root, 'test/out/bench-page');
  mkdirSync(folder, { recursive: true });
  return folder;
}
