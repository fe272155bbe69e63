import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import * as planner from '../../src-main/core/tracking/planner/index.ts';
import { allChecks, type Check } from './planner-checks.ts';
import {
  fixtureFolder,
  haveFixtures,
  optionsOf,
  readFixture,
  type Sequence,
  sequenceNames,
} from './planner-fixtures.ts';
import { type Mutant, mutants } from './planner-mutants.ts';
import { type PlannerModule, replay } from './planner-replay.ts';

if (!haveFixtures) console.log(`planner goldens skipped: no ${fixtureFolder}`);

const root = join(import.meta.dirname, '../..');

describe.skipIf(!haveFixtures)('planner fixtures of the reference, exact', () => {
  for (const [name, check] of haveFixtures ? Object.entries(allChecks()) : []) {
    test(name, () => expect(check(planner)).toEqual([]));
  }

  test('a planner restored from JSON every third frame plans the same', () => {
    for (const name of sequenceNames()) {
      const sequence = readFixture<Sequence>(`hotstart/${name}`);
      const straight = replay(planner, sequence, optionsOf(sequence));
      expect(replay(planner, sequence, optionsOf(sequence), 3), name).toEqual(straight);
    }
  });
});

describe.skipIf(!haveFixtures)('mutants of the planner are noticed', () => {
  const checks = haveFixtures ? Object.values(allChecks()) : [];
  test('the real planner passes every check that mutants must fail', () => {
    expect(checks.filter((check) => notices(check, planner))).toEqual([]);
  });

  for (const mutant of mutants) {
    test(`${mutant.file}: ${mutant.from} -> ${mutant.to}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'masklet-mutant-'));
      try {
        const mutated = await load(folder, mutant);
        expect(checks.some((check) => notices(check, mutated))).toBe(true);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
});

/** A copy of the planner with one change, under the same relative paths. */
async function load(folder: string, { file, from, to }: Mutant): Promise<PlannerModule> {
  const inside = 'src-main/core/tracking/planner';
  cpSync(join(root, inside), join(folder, inside), { recursive: true });
  for (const used of ['src-main/core/base', 'src-shared/errors'])
    cpSync(join(root, used), join(folder, used), { recursive: true });
  const path = join(folder, inside, file);
  const source = readFileSync(path, 'utf8');
  expect(source.split(from).length, `"${from}" must occur once in ${file}`).toBe(2);
  writeFileSync(
    path,
    source.replace(from, () => to),
  );
  return import(/* @vite-ignore */ pathToFileURL(join(folder, inside, 'index.ts')).href);
}

function notices(check: Check, mutated: PlannerModule): boolean {
  try {
    return check(mutated).length > 0;
  } catch {
    return true;
  }
}
