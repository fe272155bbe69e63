import type { PackRuntime } from './pack-runtime.ts';

/** A pattern with every byte value in it, uint8 RGB [side, side, 3]. */
export function testPattern(side: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: side * side * 3 }, (_, at) => (at * 37 + (at >> 9) * 11) & 255);
}

/** What the graphs are run on. */
export interface Exercise {
  /** uint8 RGB [S, S, 3]; default: a pattern. */
  readonly pixels?: Uint8Array;
  /** What is searched for; default: no words. */
  readonly phrase?: string | null;
}

/** Runs each graph of an opened pack once, the way tracking does. */
export async function exerciseGraphs(runtime: PackRuntime, exercise: Exercise = {}): Promise<void> {
  const { spec, pack } = runtime;
  const { pixels = testPattern(spec.imageSize), phrase = null } = exercise;
  const image = await runtime.encodeImage(pixels);
  const middle = spec.imageSize / 2;
  const [first] = await runtime.decode(image, {
    conditioned: null,
    noMemory: true,
    items: [{ points: [{ x: middle, y: middle, label: 1 }], maskInput: null }],
  });
  if (pack.capabilities.whyNoMaskPrompts === null) {
    const mask = new Float32Array(spec.maskPromptSize ** 2).fill(1, 0, spec.maskPromptSize ** 2 / 2);
    await runtime.promptFromMask([mask]);
  }
  if (pack.capabilities.whyNoTracking === null) {
    const logits = first.masks.slice(0, spec.lowres ** 2);
    const [tokens] = await runtime.encodeMemory(image, [{ logits, binarize: true, objectScoreLogit: 1 }]);
    const pointer = first.pointers.slice(0, spec.ptrDim);
    const memories = [{ tokens, temporalIndex: (spec.tracker?.numMaskmem ?? 1) - 1 }];
    const pointers = [{ pointer, temporalPosition: 0 }];
    const conditioned = await runtime.attend(image, [{ memories, pointers }]);
    await runtime.decode(image, { conditioned, noMemory: false, items: [{ points: [], maskInput: null }] });
  }
  if (pack.manifest.detector === null) return;
  const text = phrase === null ? await runtime.encodeNoText() : await runtime.encodeText(phrase);
  await runtime.detect(image, text, []);
}
