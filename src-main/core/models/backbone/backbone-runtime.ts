import type { InferenceSession } from 'onnxruntime-node';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { packError } from '../pack-error.ts';
import { batchParts, partItems } from '../runtime/batching.ts';
import { parseDevice } from '../runtime/device.ts';
import { loadOrt, type OrtModule } from '../runtime/ort.ts';
import { defaultThreads, firstLine, providerUnavailable, sessionOptions, testProvider } from '../runtime/providers.ts';
import { testPattern } from '../runtime/warm-up.ts';
import { pixelValues, type RgbPicture, squarePicture } from './backbone-input.ts';
import { type BackbonePack, type VerifiedBackbone, verifyBackbone } from './backbone-pack.ts';

export interface OpenBackboneOptions {
  /** cpu (default), cuda, dml, coreml, webgpu, with `:n`; `auto` means the CPU here. */
  readonly device?: string;
  /** Intra-op threads; default: cores - 1, at least 1. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

/** An opened backbone. `run` blocks its thread, so it lives in a worker. Disposing releases the session. */
export class BackboneRuntime implements AsyncDisposable {
  readonly pack: BackbonePack;
  readonly provider: string;
  readonly #ort: OrtModule;
  readonly #session: InferenceSession;
  readonly #fixedBatch: number | null;

  constructor(ort: OrtModule, verified: VerifiedBackbone, session: InferenceSession, provider: string) {
    this.#ort = ort;
    this.pack = verified.pack;
    this.provider = provider;
    this.#session = session;
    this.#fixedBatch = verified.fixedBatch;
  }

  /** Length of a vector. */
  get dims(): number {
    return this.pack.manifest.embedding.dims;
  }

  /** One vector a picture, as the backbone gives it: not normalised. */
  embed(pictures: readonly RgbPicture[]): Promise<readonly Float32Array<ArrayBuffer>[]> {
    return this.embedSquares(pictures.map((picture) => squarePicture(picture, this.pack.manifest.image)));
  }

  /** The same for pictures that are [S, S, 3] already. Throws `model-output-invalid` for NaN, infinity or a wrong length. */
  async embedSquares(squares: readonly Uint8Array[]): Promise<readonly Float32Array<ArrayBuffer>[]> {
    const vectors: Float32Array<ArrayBuffer>[] = [];
    for (const part of batchParts(squares.length, this.#fixedBatch ?? undefined, squares.length)) {
      const rows = partItems(squares, part);
      const values = await this.run(pixelValues(rows, this.pack.manifest.image), rows.length);
      for (let row = 0; row < part.count; row++) vectors.push(values.slice(row * this.dims, (row + 1) * this.dims));
    }
    return vectors;
  }

  /** Normalised pixel values [batch, 3, S, S] -> vectors [batch, E]. */
  async run(values: Float32Array, batch: number): Promise<Float32Array<ArrayBuffer>> {
    const side = this.pack.manifest.image.size;
    const feeds = { pixel_values: new this.#ort.Tensor('float32', values, [batch, 3, side, side]) };
    let data: unknown;
    try {
      data = (await this.#session.run(feeds, ['embedding'])).embedding.data;
    } catch (cause) {
      const message = `The backbone of the model pack "${this.pack.id}" failed (${firstLine(cause)}); try --device cpu or fewer pictures at once.`;
      throw new StudioError('model-output-invalid', 'environment', message, { cause });
    }
    if (data instanceof Float32Array && data.length === batch * this.dims && data.every(Number.isFinite)) {
      return data as Float32Array<ArrayBuffer>;
    }
    throw packError('model-output-invalid', this.pack, `its graph did not give ${batch} x ${this.dims} numbers`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.release();
  }
}

/**
 * Verifies a backbone, opens it and runs it once. The caller owns the runtime. Rejects with `pack-invalid`, `pack-hash-mismatch`,
 * `pack-graph-mismatch`, `model-output-invalid`, `provider-unavailable`, `usage` (no such device) or `cancelled`.
 */
export async function openBackbone(pack: BackbonePack, options: OpenBackboneOptions = {}): Promise<BackboneRuntime> {
  const asked = parseDevice(options.device ?? 'cpu');
  const device = asked.kind === 'auto' ? ({ kind: 'cpu', index: 0 } as const) : asked;
  const verified = await verifyBackbone(pack, options.signal);
  if (device.kind !== 'cpu') {
    const test = await testProvider(device);
    if (test.kind === 'fails') throw providerUnavailable(device.kind, test.reason);
  }
  const ort = await loadOrt();
  const threads = options.threads ?? defaultThreads();
  let session: InferenceSession;
  try {
    session = await ort.InferenceSession.create(verified.path, sessionOptions(device, threads));
  } catch (cause) {
    if (device.kind !== 'cpu')
      throw providerUnavailable(device.kind, `the pack does not run on it: ${firstLine(cause)}`);
    const what = `the runtime does not accept its graph (${firstLine(cause)})`;
    throw packError('pack-graph-mismatch', pack, what, { cause });
  }
  const provider = device.kind === 'cpu' ? `cpu (${threads} thread${threads === 1 ? '' : 's'})` : device.kind;
  const runtime = new BackboneRuntime(ort, verified, session, provider);
  try {
    await runtime.embedSquares([testPattern(pack.manifest.image.size)]);
  } catch (error) {
    await runtime[Symbol.asyncDispose]();
    throw error;
  }
  return runtime;
}
