import type { Outputs, RunListener } from '../../models/index.ts';
import type { ComparedOutput } from '../../reports/index.ts';

type Feeds = Parameters<RunListener>[1];
type Role = Parameters<RunListener>[0];

/** One call of a graph on the reference: inputs that are our own, and its float outputs. */
interface RecordedCall {
  readonly role: Role;
  readonly feeds: Feeds;
  readonly outputs: readonly (readonly [string, Float32Array])[];
}

/** Numbers of one output that are kept to be compared: 64 MiB a side; later calls of that output are left out. */
const MOST_NUMBERS = 2 ** 24;

interface Collected {
  readonly reference: Float32Array[];
  readonly other: Float32Array[];
  numbers: number;
}

/** Collects what two runtimes gave for the same inputs. */
export class GraphRecorder {
  #calls: RecordedCall[] = [];
  readonly #collected = new Map<string, Collected>();

  /** Input buffers are reused by their owner, so they are copied. */
  record(role: Role, feeds: Feeds, outputs: Outputs): void {
    const own = Object.fromEntries(
      Object.entries(feeds).map(([name, tensor]) => {
        const Same = tensor.constructor as new (...args: unknown[]) => typeof tensor;
        return [name, new Same(tensor.type, (tensor.data as Float32Array).slice(), tensor.dims)];
      }),
    );
    const floats = Object.entries(outputs).flatMap(([name, { data }]) =>
      data instanceof Float32Array ? [[name, data] as const] : [],
    );
    this.#calls.push({ role, feeds: own, outputs: floats });
  }

  takeCalls(): readonly RecordedCall[] {
    const calls = this.#calls;
    this.#calls = [];
    return calls;
  }

  add(graph: string, output: string, reference: Float32Array, other: Float32Array): void {
    const key = `${graph} ${output}`;
    const all = this.#collected.get(key) ?? { reference: [], other: [], numbers: 0 };
    this.#collected.set(key, all);
    if (all.numbers > 0 && all.numbers + reference.length > MOST_NUMBERS) return;
    all.reference.push(reference);
    all.other.push(other);
    all.numbers += reference.length;
  }

  outputs(): ComparedOutput[] {
    return [...this.#collected].map(([key, { reference, other }]) => {
      const [graph, output] = key.split(' ');
      return { graph, output, calls: reference.length, reference: joined(reference), other: joined(other) };
    });
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
