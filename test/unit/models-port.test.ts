import { expectTypeOf, test } from 'vitest';
import type { PackRuntime, PackSpec } from '../../src-main/core/models/index.ts';
import type { ModelSpec, TrackerModel } from '../../src-main/core/tracking/ports.ts';

test('an opened pack is what tracking asks for', () => {
  expectTypeOf<PackRuntime>().toExtend<TrackerModel>();
  expectTypeOf<PackSpec>().toExtend<ModelSpec>();
});
