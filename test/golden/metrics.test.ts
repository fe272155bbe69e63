import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as api from '../../src-main/core/evaluation/index.ts';
import {
  type Api,
  compareCgf1,
  compareClearMot,
  compareCoco,
  compareHota,
  compareIdentity,
  compareJf,
  comparePhota,
  compareRle,
  haveMetrics,
} from './metrics-fixtures.ts';
import { type Mutant, mutants } from './metrics-mutants.ts';

if (!haveMetrics) console.log('skipped: metric goldens need ../shared/fixtures/metrics');

const root = path.resolve(import.meta.dirname, '../..');
const inside = 'src-main/core/evaluation';

describe.skipIf(!haveMetrics)('evaluation against the metric fixtures', () => {
  it.each([
    ['RLE', compareRle],
    ['J and F', compareJf],
    ['HOTA', compareHota],
    ['pHOTA', comparePhota],
    ['identity', compareIdentity],
    ['CLEAR', compareClearMot],
    ['COCO AP and AR', compareCoco],
    ['cgF1', compareCgf1],
  ])('%s', (_name, compare) => {
    expect(compare(api)).toEqual([]);
  });
});

describe.skipIf(!haveMetrics)('mutants of the evaluation are noticed', () => {
  it.each(mutants.map((mutant) => [mutant.file, mutant.from, mutant.to, mutant] as const))(
    '%s: %s -> %s',
    async (_file, _from, _to, mutant) => {
      const folder = mkdtempSync(path.join(tmpdir(), 'masklet-mutant-'));
      try {
        expect(notices(mutant.compare, await load(folder, mutant))).toBe(true);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});

/** A copy of the evaluation with one change, under the same relative paths. */
async function load(folder: string, { file, from, to }: Mutant): Promise<Api> {
  cpSync(path.join(root, inside), path.join(folder, inside), { recursive: true });
  cpSync(path.join(root, 'src-main/core/base'), path.join(folder, 'src-main/core/base'), { recursive: true });
  for (const shared of ['datasets', 'errors', 'mask']) {
    cpSync(path.join(root, 'src-shared', shared), path.join(folder, 'src-shared', shared), { recursive: true });
  }
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
  const target = path.join(folder, file);
  const source = readFileSync(target, 'utf8');
  expect(source.split(from).length, `"${from}" must occur once in ${file}`).toBe(2);
  writeFileSync(
    target,
    source.replace(from, () => to),
  );
  return import(/* @vite-ignore */ pathToFileURL(path.join(folder, inside, 'index.ts')).href);
}

/** A mutant that throws on valid input is noticed too. */
function notices(compare: Mutant['compare'], mutated: Api): boolean {
  try {
    return compare(mutated).length > 0;
  } catch {
    return true;
  }
}
