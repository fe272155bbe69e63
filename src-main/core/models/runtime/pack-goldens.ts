import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tensor } from 'onnxruntime-node';
import { z } from 'zod';
import type { Manifest } from '../manifest.ts';
import type { OnnxPort } from '../onnx/onnx-graph.ts';
import { packError } from '../pack-error.ts';
import { isRole, type Role } from '../roles.ts';
import { ImageInput } from './image-input.ts';
import { loadOrt, type OrtModule } from './ort.ts';
import type { PackRuntime } from './pack-runtime.ts';

/** How far an output may be off, root mean square over the golden's own: rounding never gets there, other weights always do. */
const mostOff: Readonly<Record<string, number>> = { fp32: 0.02, fp16: 0.1, int8: 0.6 };
/** What decoders write where an object is hidden. */
const hidden = -1024;
/** Inside a pack. */
export const goldensFolder = 'goldens/components';
/** Left out of goldens where they would be large: made again from the picture and by the image encoder. */
const picture = { name: 'frame0_resized_u8', pixels: 'pixel_values_frame0' };

const indexSchema = z.object({
  tensors: z.array(
    z.object({
      name: z.string(),
      dtype: z.enum(['f32', 'i32', 'u8']),
      shape: z.array(z.int().nonnegative()),
      file: z.string().regex(/^[A-Za-z0-9._-]+$/),
    }),
  ),
  cases: z.array(
    z.object({
      graph: z.string(),
      case: z.string(),
      inputs: z.record(z.string(), z.string()),
      outputs: z.record(z.string(), z.string()),
    }),
  ),
});
type Index = z.infer<typeof indexSchema>;
type Case = Index['cases'][number];

interface Values {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** One call of a graph that was compared with what its pack says must come out. */
export interface GoldenFinding {
  readonly role: Role;
  readonly case: string;
  /** Largest of its outputs: root mean square of the difference over that of the golden. */
  readonly off: number;
}

/**
 * Runs the calls whose answers lie in the pack (`goldens/components`), so that a graph of another model with the same shapes is noticed.
 * Calls that need more than `mostInputBytes` are left out, as are those that the graph's fixed sizes or a missing file forbid; a
 * pack without goldens gives none. Throws `pack-graph-mismatch` when a graph computes something else.
 */
export async function replayGoldens(
  runtime: PackRuntime,
  mostInputBytes = Number.POSITIVE_INFINITY,
): Promise<readonly GoldenFinding[]> {
  const { manifest, folder } = runtime.pack;
  const place = join(folder, goldensFolder);
  const index = await readIndex(place);
  if (index === null) return [];
  const ort = await loadOrt();
  const store = new Store(place, index, manifest.image);
  const findings: GoldenFinding[] = [];
  // The encoder first: what it gives stands in for features that were left out.
  const ordered = index.cases.toSorted(
    (a, b) => Number(b.graph === 'image_encoder') - Number(a.graph === 'image_encoder'),
  );
  for (const golden of ordered) {
    const finding = await replayCase(ort, runtime, store, golden, mostInputBytes);
    if (finding !== null) findings.push(finding);
  }
  return findings;
}

async function readIndex(place: string): Promise<Index | null> {
  const text = await readFile(join(place, 'index.json'), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return indexSchema.parse(JSON.parse(text));
  } catch {
    // Goldens are a help, not a part of the pack: those in another form are left alone.
    return null;
  }
}

async function replayCase(
  ort: OrtModule,
  runtime: PackRuntime,
  store: Store,
  golden: Case,
  mostInputBytes: number,
): Promise<GoldenFinding | null> {
  const role = golden.graph;
  const graph = isRole(role) ? runtime.graphOf(role) : null;
  if (!isRole(role) || graph === null) return null;
  const feeds: Record<string, Tensor> = {};
  let bytes = 0;
  for (const port of graph.inputs) {
    const name = golden.inputs[port.name];
    bytes += name === undefined ? 0 : store.bytes(name);
    if (bytes > mostInputBytes) return null;
    const values = name === undefined ? null : await store.read(name);
    if (values === null || !fits(port, values.shape)) return null;
    feeds[port.name] = tensorOf(ort, port, values);
  }
  const outputs = await runtime.replay(role, feeds);
  let worst = 0;
  for (const [name, tensor] of Object.entries(golden.outputs)) {
    const found = outputs[name];
    if (found === undefined) continue;
    const expected = await store.read(tensor);
    if (expected === null) {
      store.keep(tensor, { shape: found.dims, data: found.data as Float32Array });
      continue;
    }
    const off = difference(expected.data, found.data as Float32Array);
    const allowed = mostOff[runtime.pack.manifest.graphs[role]?.precision ?? ''] ?? mostOff.int8;
    if (!(off <= allowed)) {
      const what = `its ${role} graph does not compute what the pack's own goldens say (${golden.case}, ${name})`;
      throw packError('pack-graph-mismatch', runtime.pack, what, { details: { role, case: golden.case, off } });
    }
    worst = Math.max(worst, off);
  }
  return { role, case: golden.case, off: worst };
}

function fits({ shape }: OnnxPort, given: readonly number[]): boolean {
  if (shape === null) return true;
  return shape.length === given.length && shape.every((dim, axis) => typeof dim !== 'number' || dim === given[axis]);
}

function tensorOf(ort: OrtModule, { dtype }: OnnxPort, { shape, data }: Values): Tensor {
  if (dtype === 'bool') return new ort.Tensor('bool', Uint8Array.from(data, Number), shape);
  if (dtype === 'i64') return new ort.Tensor('int64', BigInt64Array.from(data as Int32Array, BigInt), shape);
  if (dtype === 'i32') return new ort.Tensor('int32', Int32Array.from(data), shape);
  return new ort.Tensor('float32', Float32Array.from(data), shape);
}

/** Infinity where there are not as many numbers. What either side hides does not count. */
function difference(expected: ArrayLike<number>, found: ArrayLike<number>): number {
  if (expected.length !== found.length) return Number.POSITIVE_INFINITY;
  let [wrong, all] = [0, 0];
  for (let at = 0; at < expected.length; at++) {
    if (expected[at] === hidden || found[at] === hidden) continue;
    wrong += (expected[at] - found[at]) ** 2;
    all += expected[at] ** 2;
  }
  return wrong === 0 ? 0 : Math.sqrt(wrong / Math.max(all, 1e-12));
}

/** The tensors of a pack's goldens by name. */
class Store {
  readonly #place: string;
  readonly #entries: ReadonlyMap<string, Index['tensors'][number]>;
  readonly #image: Manifest['image'];
  readonly #kept = new Map<string, Values>();

  constructor(place: string, { tensors }: Index, image: Manifest['image']) {
    this.#place = place;
    this.#entries = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    this.#image = image;
  }

  bytes(name: string): number {
    const { dtype, shape } = this.#entries.get(name) ?? { dtype: 'f32', shape: this.#kept.get(name)?.shape ?? [0] };
    return shape.reduce((product, dim) => product * dim, dtype === 'u8' ? 1 : 4);
  }

  /** Stands in for a tensor that has no file. */
  keep(name: string, values: Values): void {
    this.#kept.set(name, values);
  }

  async read(name: string): Promise<Values | null> {
    const entry = this.#entries.get(name);
    if (entry === undefined) {
      return this.#kept.get(name) ?? (name === picture.pixels ? this.#pixels() : null);
    }
    const file = await readFile(join(this.#place, entry.file)).catch(() => null);
    if (file === null || file.length !== this.bytes(name)) return null;
    const bytes = Uint8Array.from(file);
    const { dtype, shape } = entry;
    if (dtype === 'u8') return { shape, data: bytes };
    return { shape, data: dtype === 'f32' ? new Float32Array(bytes.buffer) : new Int32Array(bytes.buffer) };
  }

  async #pixels(): Promise<Values | null> {
    const rgb = await this.read(picture.name);
    const { size, resize } = this.#image;
    // How much of a padded picture is picture is not said.
    if (rgb === null || rgb.data.length !== 3 * size * size || resize === 'longest-pad') return null;
    const input = new ImageInput(this.#image);
    input.fill(rgb.data as Uint8Array);
    return { shape: [1, 3, size, size], data: input.data };
  }
}
