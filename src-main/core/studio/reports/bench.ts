import { loadavg } from 'node:os';
import type { Report } from '../../../../src-shared/contract/report-results.ts';
import { throwIfAborted } from '../../../../src-shared/errors/studio-error.ts';
import { rleFromLogits } from '../../../../src-shared/mask/mask-from-logits.ts';
import { type BackboneRuntime, type PackRuntime, squarePicture, testPattern } from '../../models/index.ts';
import { benchReport, type PhaseTimes } from '../../reports/index.ts';
import type { BenchRequest } from '../threads/report-contract.ts';
import { machineFacts, openMeasured } from './measured-pack.ts';
import type { Progress } from './report-job.ts';

/** Video size that masks are rasterised at and pictures begin with. */
const VIDEO = { width: 1280, height: 720 };

/** One thing that is timed: `run` does it once. */
interface Phase {
  readonly phase: string;
  readonly batch: number;
  readonly unit: PhaseTimes['unit'];
  run(): Promise<unknown>;
}

/** Times every phase of a pack: `warmUp` calls that do not count, then `repeats` that do. */
export async function measureBench(request: BenchRequest, progress: Progress, signal: AbortSignal): Promise<Report> {
  const { device, threads, warmUp, repeats, batchSizes } = request;
  const loadBefore = `${loadavg()[0].toFixed(1)} processes running or waiting (1-minute mean)`;
  const before = process.memoryUsage.rss();
  const pack = await openMeasured(request.packFolder, { device, threads, signal });
  await using _ = pack.runtime;
  const open = process.memoryUsage.rss();
  const phases =
    pack.kind === 'backbone' ? backbonePhases(pack.runtime, batchSizes) : await packPhases(pack.runtime, batchSizes);
  let peak = open;
  const times: PhaseTimes[] = [];
  for (const [at, phase] of phases.entries()) {
    const millis: number[] = [];
    for (let run = -warmUp; run < repeats; run++) {
      throwIfAborted(signal);
      const started = performance.now();
      await phase.run();
      if (run >= 0) millis.push(performance.now() - started);
      peak = Math.max(peak, process.memoryUsage.rss());
    }
    times.push({ phase: phase.phase, batch: phase.batch, unit: phase.unit, millis });
    progress(`timing ${phase.phase}`, at + 1, phases.length);
  }
  return benchReport({
    facts: [
      ['pack', pack.name],
      ['calls', `${warmUp} to warm up, ${repeats} timed`],
      await machineFacts(),
      ['load before', loadBefore],
    ],
    phases: times,
    memory: { before, open, peak },
    notes: [
      ...pack.notes,
      'Memory is that of the whole process: Node, its threads and what earlier phases left to the collector are in it.',
    ],
  });
}

function backbonePhases(runtime: BackboneRuntime, batchSizes: readonly number[]): Phase[] {
  const { image } = runtime.pack.manifest;
  const pixels = new Uint8Array(VIDEO.width * VIDEO.height * 3);
  const picture = { ...VIDEO, pixels: pixels.map((_, at) => (at * 37 + (at >> 9) * 11) & 255) };
  const square = testPattern(image.size);
  return batchSizes.flatMap((batch): Phase[] => {
    const pictures = Array.from({ length: batch }, () => picture);
    const squares = Array.from({ length: batch }, () => square);
    const all = { batch, unit: 'images' } as const;
    return [
      { phase: 'prepare', ...all, run: async () => pictures.map((each) => squarePicture(each, image)) },
      { phase: 'encode', ...all, run: () => runtime.embedSquares(squares) },
      { phase: 'end to end', ...all, run: () => runtime.embed(pictures) },
    ];
  });
}

/** Phases in the order of a frame; objects share one encoded picture, as in tracking. */
async function packPhases(runtime: PackRuntime, batchSizes: readonly number[]): Promise<Phase[]> {
  const { spec, pack } = runtime;
  const pixels = testPattern(spec.imageSize);
  const image = await runtime.encodeImage(pixels);
  const encode: Phase = { phase: 'encode', batch: 1, unit: 'images', run: () => runtime.encodeImage(pixels) };
  const phases = [encode];
  for (const batch of batchSizes) {
    const parts = await objectPhases(runtime, image, batch);
    // A frame that is tracked is not prompted; packs that do not track answer prompts on every one.
    const tracks = parts.some(({ phase }) => phase === 'decode');
    const frame = parts.filter(({ phase }) => phase !== 'prompt' || !tracks);
    phases.push(...parts, {
      phase: 'end to end',
      batch,
      unit: 'objects',
      run: async () => {
        await encode.run();
        for (const part of frame) await part.run();
      },
    });
  }
  if (pack.manifest.detector !== null) {
    const text = await runtime.encodeNoText();
    phases.push({ phase: 'detect', batch: 1, unit: 'images', run: () => runtime.detect(image, text, []) });
  }
  return phases;
}

type Encoded = Awaited<ReturnType<PackRuntime['encodeImage']>>;

async function objectPhases(runtime: PackRuntime, image: Encoded, batch: number): Promise<Phase[]> {
  const { spec, pack } = runtime;
  const all = { batch, unit: 'objects' } as const;
  const repeat = <T>(value: T): T[] => Array.from({ length: batch }, () => value);
  const middle = spec.imageSize / 2;
  const clicked = repeat({ points: [{ x: middle, y: middle, label: 1 as const }], maskInput: null });
  const promptRequest = { conditioned: null, noMemory: true, items: clicked };
  const [first] = await runtime.decode(image, promptRequest);
  const logits = first.masks.slice(0, spec.lowres ** 2);
  const prompt: Phase = { phase: 'prompt', ...all, run: () => runtime.decode(image, promptRequest) };
  const post: Phase = {
    phase: 'post-process',
    ...all,
    run: async () => repeat(logits).map((each) => rleFromLogits(each, spec.lowres, VIDEO.width, VIDEO.height)),
  };
  if (pack.capabilities.whyNoTracking !== null || spec.tracker === null) return [prompt, post];
  const { numMaskmem, maxPtrs } = spec.tracker;
  const memoryItems = repeat({ logits, binarize: true, objectScoreLogit: 1 });
  const [tokens] = await runtime.encodeMemory(image, memoryItems.slice(0, 1));
  // A full memory bank: what every frame costs once an object has been followed for a while.
  const memories = Array.from({ length: numMaskmem }, (_, temporalIndex) => ({ tokens, temporalIndex }));
  const pointer = first.pointers.slice(0, spec.ptrDim);
  const pointers = Array.from({ length: maxPtrs }, (_, at) => ({
    pointer,
    temporalPosition: at / Math.max(1, maxPtrs - 1),
  }));
  const attendItems = repeat({ memories, pointers });
  const conditioned = await runtime.attend(image, attendItems);
  const decodeRequest = { conditioned, noMemory: false, items: repeat({ points: [], maskInput: null }) };
  return [
    prompt,
    { phase: 'attend', ...all, run: () => runtime.attend(image, attendItems) },
    { phase: 'decode', ...all, run: () => runtime.decode(image, decodeRequest) },
    { phase: 'remember', ...all, run: () => runtime.encodeMemory(image, memoryItems) },
    post,
  ];
}
