import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { type ImageLayout, isImageRole } from '../layouts/layout.ts';
import type { PackName } from '../pack-error.ts';
import { type Role, type RoleRule, roleTable } from '../roles.ts';
import type { VerifiedGraph } from '../verify-pack.ts';
import type { OrtModule } from './ort.ts';
import { type Outputs, requireFinite } from './outputs.ts';
import { firstLine } from './providers.ts';

/** Options that differ between devices; see providers.ts. */
type SessionOptions = InferenceSession.SessionOptions;

/** Inputs and outputs of one run of a graph, by name. */
export type RunListener = (role: Role, feeds: Readonly<Record<string, Tensor>>, outputs: Outputs) => void;

/** One opened graph. It counts its runs and their time, so that tests can hold run counts to the minimum. */
export class RoleSession implements AsyncDisposable {
  readonly graph: VerifiedGraph;
  runs = 0;
  millis = 0;
  /** Scan every output for NaN and infinity: on during warm-up, too slow for each frame. */
  strict = false;
  /** Sees every run: the feeds (valid until it returns) and the outputs. */
  onRun: RunListener | null = null;
  readonly pack: PackName;
  readonly #session: InferenceSession;
  readonly #fetches: readonly string[];
  readonly #adapter: LayoutAdapter | null;

  private constructor(pack: PackName, graph: VerifiedGraph, session: InferenceSession, adapter: LayoutAdapter | null) {
    this.pack = pack;
    this.graph = graph;
    this.#session = session;
    this.#adapter = adapter;
    const present = new Set(graph.graph.outputs.map(({ name }) => name));
    // The semantic mask is never used, so it is not even copied out of the runtime.
    this.#fetches = (adapter?.rule ?? roleTable[graph.role]).outputs
      .map(({ name }) => name)
      .filter((name) => present.has(name) && name !== 'semantic_seg');
  }

  /** Rejects with `pack-graph-mismatch` when the runtime does not accept the graph. */
  static async open(
    ort: OrtModule,
    pack: PackName,
    graph: VerifiedGraph,
    options: SessionOptions,
    layout: ImageLayout | null = null,
  ) {
    try {
      const session = await ort.InferenceSession.create(graph.path, options);
      return new RoleSession(pack, graph, session, adapterFor(ort, graph, layout));
    } catch (cause) {
      throw new StudioError(
        'pack-graph-mismatch',
        'user',
        `The model pack "${pack.id}" was refused: the runtime does not accept its ${graph.role} graph (${firstLine(cause)}); nothing was loaded, make the pack again or get a fresh copy.`,
        { details: { pack: pack.id, role: graph.role }, cause },
      );
    }
  }

  /** Runs the graph; blocks its thread for the whole inference. Outputs are fresh memory, owned by the caller. */
  async run(feeds: Readonly<Record<string, Tensor>>): Promise<Outputs> {
    const given = this.#adapter?.feeds(feeds) ?? feeds;
    const started = performance.now();
    let outputs: Outputs;
    try {
      outputs = await this.#session.run(given, this.#fetches);
    } catch (cause) {
      throw this.#failure(cause);
    } finally {
      this.runs++;
      this.millis += performance.now() - started;
    }
    this.onRun?.(this.graph.role, feeds, outputs);
    if (this.strict) for (const name of this.#fetches) requireFinite(this, name, outputs[name].data as Float32Array);
    return this.#adapter?.outputs(outputs) ?? outputs;
  }

  /** The runtime names memory trouble only in its message. */
  #failure(cause: unknown): StudioError {
    const details = { pack: this.pack.id, role: this.graph.role };
    const reason = firstLine(cause);
    const graph = `The ${this.graph.role} graph of the model pack "${this.pack.id}"`;
    if (/bad_alloc|failed to allocate|out of memory/i.test(reason)) {
      const message = `${graph} ran out of memory; frames done so far are kept, track fewer objects at once or use a smaller pack.`;
      return new StudioError('out-of-memory', 'resource', message, { details, cause });
    }
    const message = `${graph} failed (${reason}); frames done so far are kept, try --device cpu or another pack.`;
    return new StudioError('model-output-invalid', 'environment', message, { details, cause });
  }

  resetCounters(): void {
    this.runs = 0;
    this.millis = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.release();
  }
}

/** Turns the contract's tensors into those of a public export's graph and back. */
interface LayoutAdapter {
  readonly rule: RoleRule;
  feeds(contract: Outputs): Outputs;
  outputs(given: Outputs): Outputs;
}

function adapterFor(ort: OrtModule, { role, graph }: VerifiedGraph, layout: ImageLayout | null): LayoutAdapter | null {
  if (layout === null || !isImageRole(role)) return null;
  const known = new Set(graph.inputs.map(({ name }) => name));
  const [first] = graph.inputs;
  return {
    rule: layout.rules[role],
    feeds: (contract) => {
      const named = Object.entries(layout.feeds(ort, role, contract)).map(
        ([name, tensor]) => [name === '*' ? first.name : name, tensor] as const,
      );
      // Inputs that only some exports have are left out for the others.
      return Object.fromEntries(named.filter(([name]) => known.has(name)));
    },
    outputs: (given) => layout.outputs(ort, role, given),
  };
}
