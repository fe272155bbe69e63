import type { PackRuntime } from './pack-runtime.ts';

/** Runs each graph of an opened pack once, the way tracking does, on a pattern with every byte value in it. */
export async function exerciseGraphs(runtime: PackRuntime): Promise<void> {
  const { spec, pack } = runtime;
  const pixels = Uint8Array.from({ length: spec.imageSize ** 2 * 3 }, (_, at) => (at * 37 + (at >> 9) * 11) & 255);
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
  if (pack.manifest.detector !== null) await runtime.detect(image, await runtime.encodeNoText(), []);
}
