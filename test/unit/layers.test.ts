import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Each planted file breaks one rule; the checker must name that rule, and must be content without it. */
const plants: readonly (readonly [rule: string, file: string, code: string])[] = [
  ['shared-is-leaf', 'src-shared/domain/planted.ts', "import 'node:fs';\n"],
  [
    'core-video-imports-no-sibling',
    'src-main/core/video/planted.ts',
    "import type { TrackerModel } from '../tracking/ports.ts';\nexport type Planted = TrackerModel;\n",
  ],
  ['core-knows-no-host', 'src-main/core/studio/planted.ts', "import '../../hosts/cli/exit-status.ts';\n"],
  ['base-is-bottom', 'src-main/core/base/planted.ts', "import '../tracking/ports.ts';\n"],
  ['core-studio-doors', 'src-main/workers/planted.ts', "import '../core/studio/session/plan-run.ts';\n"],
  ['threads-load-their-part', 'src-main/workers/planted.ts', "import '../core/studio/index.ts';\n"],
  ['core-tracking-one-door', 'src-main/core/studio/planted.ts', "import '../tracking/ports.ts';\n"],
  ['uncovered-file', 'src-main/planted/planted.ts', 'export const planted = 1;\n'],
  ['page-knows-no-node', 'src-renderer/state/planted.ts', "import '../../src-main/hosts/cli/exit-status.ts';\n"],
  ['engine-knows-no-page', 'src-main/core/studio/planted.ts', "import '../../../src-renderer/state/store.ts';\n"],
  ['drawing-knows-no-react', 'src-renderer/viewport/planted.ts', "import 'react';\n"],
  ['state-knows-no-panels', 'src-renderer/state/planted.ts', "import '../commands/commands.ts';\n"],
  ['ui-knows-no-studio', 'src-renderer/ui/planted.ts', "import '../state/store.ts';\n"],
  ['no-cycles', 'src-shared/time/planted.ts', "import type { B } from './planted-too.ts';\nexport type A = B | 1;\n"],
];
const CYCLE_PARTNER = "import type { A } from './planted.ts';\nexport type B = A | 2;\n";

describe('the layers', () => {
  const root = resolve(import.meta.dirname, '../..');
  let copy = '';
  beforeAll(() => {
    mkdirSync(join(root, 'test/out'), { recursive: true });
    copy = mkdtempSync(join(root, 'test/out/layers-'));
    for (const name of [
      'src-shared',
      'src-main',
      'src-renderer',
      'resources/translations',
      'tsconfig.json',
      '.dependency-cruiser.cjs',
      'package.json',
    ]) {
      cpSync(join(root, name), join(copy, name), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
    for (const [rule, file, code] of plants) {
      const target = join(copy, file.replace('planted.ts', `planted-${rule}.ts`));
      mkdirSync(join(target, '..'), { recursive: true });
      writeFileSync(target, code);
    }
    writeFileSync(
      join(copy, 'src-shared/time/planted-too.ts'),
      CYCLE_PARTNER.replace('./planted.ts', './planted-no-cycles.ts'),
    );
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  it('catch every planted violation and nothing else', () => {
    const cruiser = join(root, 'node_modules/.bin/depcruise');
    let report = '';
    try {
      report = execFileSync(
        cruiser,
        ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src-shared', 'src-main', 'src-renderer'],
        {
          cwd: copy,
          encoding: 'utf8',
          maxBuffer: 1 << 28,
        },
      );
    } catch (error) {
      report = (error as { stdout: string }).stdout;
    }
    const { violations } = (
      JSON.parse(report) as { summary: { violations: { rule: { name: string }; from: string }[] } }
    ).summary;
    const caught = new Set(violations.filter(({ from }) => from.includes('planted')).map(({ rule }) => rule.name));
    for (const [rule] of plants) expect(caught, rule).toContain(rule);
    expect(violations.filter(({ from }) => !from.includes('planted'))).toEqual([]);
  });
});
