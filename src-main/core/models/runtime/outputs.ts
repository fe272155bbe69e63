import type { Tensor } from 'onnxruntime-node';
import { type PackName, packError } from '../pack-error.ts';
import type { Role } from '../roles.ts';

/** What a graph gave, by output name. */
export type Outputs = Readonly<Record<string, Tensor>>;

/** Whose output it is, for the sentence of a refusal. */
export interface OutputOrigin {
  readonly pack: PackName;
  readonly graph: { readonly role: Role };
  /** During warm-up: nothing has been tracked yet. */
  readonly strict: boolean;
}

/** A float output of exactly `length` numbers; throws `model-output-invalid` when the graph gave something else. */
export function floatOutput(
  session: OutputOrigin,
  outputs: Outputs,
  name: string,
  length: number,
): Float32Array<ArrayBuffer> {
  const { data } = outputs[name];
  if (data instanceof Float32Array && data.length === length) return data as Float32Array<ArrayBuffer>;
  const what = `its ${session.graph.role} graph gave ${data.length} numbers as ${name} instead of ${length}`;
  throw packError('model-output-invalid', session.pack, what);
}

/** Throws `model-output-invalid` when a number is NaN or infinite. */
export function requireFinite(session: OutputOrigin, name: string, values: ArrayLike<number>): void {
  for (let index = 0; index < values.length; index++) {
    if (Number.isFinite(values[index])) continue;
    const what = `its ${session.graph.role} graph gave ${values[index]} in ${name}`;
    throw packError('model-output-invalid', session.pack, what, {
      details: { role: session.graph.role, output: name },
      ...(session.strict ? {} : { remedy: 'frames done so far are kept, use another pack or --device cpu' }),
    });
  }
}

/** Row `row` of a [rows, width] output as memory of its own; the whole output is handed over when it is the only row. */
export function rowOf(data: Float32Array<ArrayBuffer>, row: number, width: number): Float32Array<ArrayBuffer> {
  return data.length === width ? data : data.slice(row * width, (row + 1) * width);
}
