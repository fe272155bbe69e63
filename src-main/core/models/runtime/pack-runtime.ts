import type { Tensor } from 'onnxruntime-node';
import type { EngineNote } from '../../../../src-shared/domain/engine-note.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { Size } from '../../../../src-shared/geometry/geometry.ts';
import type { RleMask } from '../../../../src-shared/mask/rle.ts';
import type { ModelPack, PackSpec } from '../model-pack.ts';
import type { OnnxGraph } from '../onnx/onnx-graph.ts';
import { type Role, roles } from '../roles.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import type { VerifiedPack } from '../verify-pack.ts';
import { Detector } from './detector.ts';
import type { DeviceKind } from './device.ts';
import { ConditionedImage, EncodedImage, EncodedText, ownHandle } from './features.ts';
import { ImageInput } from './image-input.ts';
import { MaskDecoder } from './mask-decoder.ts';
import { MaskPrompt } from './mask-prompt.ts';
import { MemoryAttention } from './memory-attention.ts';
import { MemoryEncoder } from './memory-encoder.ts';
import type { OrtModule } from './ort.ts';
import type { Outputs } from './outputs.ts';
import { poolFeatures } from './pool-features.ts';
import type { RoleSession, RunListener } from './role-session.ts';
import { TextEncoder } from './text-encoder.ts';
import type {
  AttendItem,
  ConditionedFeatures,
  DecodedObject,
  DecodeRequest,
  Detections,
  Exemplar,
  ImageFeatures,
  MemoryItem,
  TextFeatures,
} from './tracker-types.ts';

/** SAM 3's phrase for "what the boxes show" (sam-pipeline 1.3). */
const exemplarPhrase = 'visual';

/** Where a pack runs and what was tried on the way there. */
export interface RuntimeProvider {
  readonly kind: DeviceKind;
  readonly threads: number;
  /** Providers that were tried and failed, graphs that are not used. */
  readonly notes: readonly EngineNote[];
}

export interface RuntimeParts {
  readonly ort: OrtModule;
  readonly verified: VerifiedPack;
  readonly sessions: ReadonlyMap<Role, RoleSession>;
  readonly provider: RuntimeProvider;
  readonly callBytes: number;
  /** Loads the vocabulary on first use. */
  readonly loadTokenizer: () => Promise<Tokenizer>;
}

/**
 * An opened pack: implements the `TrackerModel` port of core/tracking. Calls run one after the other; each blocks its thread while
 * the graph runs, so it lives in the inference thread. Nothing but the cached text features and input buffers is kept between calls.
 */
export class PackRuntime implements AsyncDisposable {
  readonly pack: ModelPack;
  readonly spec: PackSpec;
  readonly provider: RuntimeProvider;
  readonly #parts: RuntimeParts;
  readonly #image: ImageInput;
  readonly #decoder: MaskDecoder;
  readonly #attention: MemoryAttention | null;
  readonly #memory: MemoryEncoder | null;
  readonly #maskPrompt: MaskPrompt | null;
  readonly #text: TextEncoder | null;
  readonly #detector: Detector | null;
  #tokenizer: Promise<Tokenizer> | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | null = null;

  constructor(parts: RuntimeParts) {
    const { ort, verified, sessions, callBytes } = parts;
    this.#parts = parts;
    this.pack = verified.pack;
    this.spec = verified.pack.spec;
    this.provider = parts.provider;
    const { spec } = this;
    const when = <T>(role: Role, make: (session: RoleSession) => T): T | null => {
      const session = sessions.get(role);
      return session === undefined ? null : make(session);
    };
    this.#image = new ImageInput(verified.pack.manifest.image);
    this.#decoder = new MaskDecoder(ort, this.#session('mask_decoder'), spec, callBytes);
    this.#attention = when('memory_attention', (session) => new MemoryAttention(ort, session, spec, callBytes));
    this.#memory = when('memory_encoder', (session) => new MemoryEncoder(ort, session, spec, callBytes));
    this.#maskPrompt = when('mask_prompt', (session) => new MaskPrompt(ort, session, spec));
    this.#text = when('text_encoder', (session) => new TextEncoder(ort, session, spec.packId));
    this.#detector = spec.detector === null ? null : when('detector', (session) => new Detector(ort, session, spec));
  }

  /** How often each graph ran since opening (warm-up not counted) or `resetCounters`. */
  get runCounts(): Readonly<Partial<Record<Role, number>>> {
    return this.#perRole((session) => session.runs);
  }

  /** Milliseconds spent inside each graph, like `runCounts`. */
  get runMillis(): Readonly<Partial<Record<Role, number>>> {
    return this.#perRole((session) => session.millis);
  }

  /** Lets `listener` see every run of every graph (null: nobody), to compare two ways of computing. */
  listen(listener: RunListener | null): void {
    for (const session of this.#parts.sessions.values()) session.onRun = listener;
  }

  /** Runs one graph on inputs that another runtime of the same architecture was given. */
  replay(role: Role, feeds: Readonly<Record<string, Tensor>>): Promise<Outputs> {
    return this.#exclusive(() => this.#session(role).run(feeds));
  }

  /** The graph that plays a role; null when the pack has none. */
  graphOf(role: Role): OnnxGraph | null {
    return this.#parts.sessions.get(role)?.graph.graph ?? null;
  }

  resetCounters(): void {
    for (const session of this.#parts.sessions.values()) session.resetCounters();
  }

  /** Runs the image encoder once. `pixels`: uint8 RGB [S, S, 3], of which `shown` (absent: all) is the picture; not kept afterwards. */
  encodeImage(pixels: Uint8Array, shown?: Size): Promise<ImageFeatures> {
    return this.#exclusive(async () => {
      const side = this.spec.imageSize;
      if (pixels.length !== side * side * 3) {
        throw new StudioError(
          'internal',
          'bug',
          `A frame of ${pixels.length} bytes was given to a model of ${side}x${side}.`,
        );
      }
      this.#image.fill(pixels, shown);
      const { Tensor } = this.#parts.ort;
      const outputs = await this.#session('image_encoder').run({
        pixel_values: new Tensor('float32', this.#image.data, [1, 3, side, side]),
      });
      return new EncodedImage(this.pack.id, outputs);
    });
  }

  /** What the image encoder says about the part of a picture under a mask, [C]; null when the mask is empty. */
  pool(features: ImageFeatures, mask: RleMask | null): Float32Array<ArrayBuffer> | null {
    const { feat_s16 } = ownHandle(EncodedImage, features, this.pack.id).tensors;
    return poolFeatures(feat_s16.data as Float32Array, feat_s16.dims[2], mask);
  }

  /** Memory-conditioned features of a batch; `pack-cannot-track` for an image-only pack. */
  attend(features: ImageFeatures, items: readonly AttendItem[]): Promise<ConditionedFeatures> {
    return this.#exclusive(async () => {
      const attention = this.#attention ?? this.#cannotTrack();
      return attention.attend(ownHandle(EncodedImage, features, this.pack.id), items);
    });
  }

  /** All four masks, IoUs and pointers of each object; selection is the caller's. */
  decode(features: ImageFeatures, request: DecodeRequest): Promise<readonly DecodedObject[]> {
    return this.#exclusive(async () => {
      const image = ownHandle(EncodedImage, features, this.pack.id);
      const conditioned =
        request.conditioned === null ? null : ownHandle(ConditionedImage, request.conditioned, this.pack.id);
      return this.#decoder.decode(image, conditioned, request.noMemory, request.items);
    });
  }

  /** Memory tokens [T * memDim] of each item; `pack-cannot-track` for an image-only pack. */
  encodeMemory(features: ImageFeatures, items: readonly MemoryItem[]): Promise<readonly Float32Array<ArrayBuffer>[]> {
    return this.#exclusive(async () => {
      const memory = this.#memory ?? this.#cannotTrack();
      return memory.encode(ownHandle(EncodedImage, features, this.pack.id), items);
    });
  }

  /** Mask prompts (0/1 floats [Sm * Sm]) -> mask inputs [L * L]; `prompt-invalid` when the pack takes no masks. */
  promptFromMask(masks: readonly Float32Array[]): Promise<readonly Float32Array<ArrayBuffer>[]> {
    return this.#exclusive(async () => {
      if (this.#maskPrompt !== null) return this.#maskPrompt.encode(masks);
      const { whyNoMaskPrompts } = this.pack.capabilities;
      throw this.#lacking('prompt-invalid', 'take a mask as a prompt', whyNoMaskPrompts, 'prompt with points or a box');
    });
  }

  /** Features of a phrase, computed once per phrase; `word-unknown`, or `concepts-unsupported` when the pack has no text. */
  encodeText(phrase: string): Promise<TextFeatures> {
    return this.#exclusive(() => this.#encodePhrase(phrase));
  }

  /** All instances of one concept on one frame; text null means exemplars only. */
  detect(features: ImageFeatures, text: TextFeatures | null, exemplars: readonly Exemplar[]): Promise<Detections> {
    return this.#exclusive(async () => {
      const detector = this.#detector ?? this.#cannotFind();
      const image = ownHandle(EncodedImage, features, this.pack.id);
      const words = text === null ? await this.#exemplarText() : ownHandle(EncodedText, text, this.pack.id);
      return detector.detect(image, words, exemplars);
    });
  }

  /** Runs every graph once on a pattern and refuses NaN, infinity and wrong sizes (`model-output-invalid`). Not counted. */
  async warmUp(run: (runtime: PackRuntime) => Promise<void>): Promise<void> {
    const sessions = [...this.#parts.sessions.values()];
    for (const session of sessions) session.strict = true;
    await run(this);
    for (const session of sessions) session.strict = false;
    this.#text?.forget();
    this.resetCounters();
  }

  /** Text features that mean "no words": what detection by exemplars alone is given. */
  encodeNoText(): Promise<TextFeatures> {
    return this.#exclusive(() => this.#blankText());
  }

  /** Waits for a running call, then releases every session; later calls reject. Safe to call twice. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#last.then(async () => {
      for (const session of this.#parts.sessions.values()) await session[Symbol.asyncDispose]();
    });
    return this.#closing;
  }

  /** One call at a time: input buffers are shared, and the thread is blocked anyway. */
  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closing !== null) {
      return Promise.reject(new StudioError('internal', 'bug', `The model pack "${this.pack.id}" was already closed.`));
    }
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  #session(role: Role): RoleSession {
    const session = this.#parts.sessions.get(role);
    if (session === undefined) throw new StudioError('internal', 'bug', `The role ${role} was not opened.`);
    return session;
  }

  #perRole(read: (session: RoleSession) => number): Partial<Record<Role, number>> {
    const entries = roles.flatMap((role) => {
      const session = this.#parts.sessions.get(role);
      return session === undefined ? [] : [[role, read(session)] as const];
    });
    return Object.fromEntries(entries);
  }

  async #encodePhrase(phrase: string): Promise<EncodedText> {
    if (this.#text === null || this.#detector === null) return this.#cannotFind();
    this.#tokenizer ??= this.#parts.loadTokenizer().catch((error: unknown) => {
      this.#tokenizer = null;
      throw error;
    });
    return this.#text.encode((await this.#tokenizer).tokenize(phrase));
  }

  async #exemplarText(): Promise<EncodedText> {
    if (this.pack.manifest.text?.kind === 'clip') return this.#encodePhrase(exemplarPhrase);
    return this.#blankText();
  }

  async #blankText(): Promise<EncodedText> {
    const { text } = this.pack.manifest;
    if (this.#text !== null && text !== null) {
      const ids = new Int32Array(text.contextLength).fill(text.padId);
      return this.#text.encode({ key: '\0blank', ids, valid: new Uint8Array(text.contextLength) });
    }
    const port = this.#session('detector').graph.graph.inputs.find(({ name }) => name === 'text_features');
    const [tokens, width] = [Number(port?.shape?.[1]), Number(port?.shape?.[2])];
    if (!(tokens > 0 && width > 0)) return this.#cannotFind();
    return new EncodedText(this.pack.id, new Float32Array(tokens * width), new Uint8Array(tokens));
  }

  #cannotTrack(): never {
    const { whyNoTracking } = this.pack.capabilities;
    throw this.#lacking('pack-cannot-track', 'track', whyNoTracking, 'use it on single frames or choose another pack');
  }

  #cannotFind(): never {
    const { whyNoConcepts } = this.pack.capabilities;
    const remedy = 'prompt with points, a box or a mask, or choose a pack with text such as a SAM 3 pack';
    throw this.#lacking('concepts-unsupported', 'find things by phrase', whyNoConcepts, remedy);
  }

  #lacking(
    code: 'pack-cannot-track' | 'concepts-unsupported' | 'prompt-invalid',
    what: string,
    why: string | null,
    remedy: string,
  ): StudioError {
    const reason = why ?? 'it lacks a graph for it';
    return new StudioError(code, 'user', `The model pack "${this.pack.id}" cannot ${what}: ${reason}; ${remedy}.`, {
      details: { pack: this.pack.id },
    });
  }
}
