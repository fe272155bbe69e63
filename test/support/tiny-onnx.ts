/** A hand-made ONNX writer: just enough of onnx.proto for graphs of a few nodes. */

export type TinyDtype = 'f32' | 'f16' | 'i32' | 'i64' | 'bool';

export interface TinyPort {
  readonly name: string;
  readonly dtype: TinyDtype;
  /** A number, or the name of a dynamic dimension. */
  readonly shape: readonly (number | string)[];
}

export interface TinyNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Integers and lists of integers only. */
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
}

export interface TinyConstant {
  readonly name: string;
  readonly dtype: 'f32' | 'i64';
  readonly dims: readonly number[];
  readonly values: readonly number[];
  /** Leaves the values out and points at this file instead. */
  readonly location?: string;
}

export interface TinyGraph {
  readonly inputs: readonly TinyPort[];
  readonly outputs: readonly TinyPort[];
  readonly nodes: readonly TinyNode[];
  readonly constants?: readonly TinyConstant[];
  readonly opset?: number;
  readonly domain?: string;
}

const dataTypes: Readonly<Record<TinyDtype, number>> = { f32: 1, i32: 6, i64: 7, bool: 9, f16: 10 };

/** The bytes of an .onnx file. */
export function encodeOnnx(graph: TinyGraph): Buffer {
  return Buffer.concat([
    int(1, 8),
    message(
      7,
      ...graph.nodes.map((node) => message(1, ...encodeNode(node))),
      text(2, 'tiny'),
      ...(graph.constants ?? []).map((constant) => message(5, ...encodeConstant(constant))),
      ...graph.inputs.map((port) => message(11, ...encodePort(port))),
      ...graph.outputs.map((port) => message(12, ...encodePort(port))),
    ),
    message(8, text(1, graph.domain ?? ''), int(2, graph.opset ?? 18)),
    ...(graph.domain === undefined ? [] : [message(8, text(1, ''), int(2, 18))]),
  ]);
}

function encodeNode(node: TinyNode): Buffer[] {
  return [
    ...node.inputs.map((name) => text(1, name)),
    ...node.outputs.map((name) => text(2, name)),
    text(4, node.op),
    ...Object.entries(node.attributes ?? {}).map(([name, value]) =>
      typeof value === 'number'
        ? message(5, text(1, name), int(3, value), int(20, 2))
        : message(5, text(1, name), ...value.map((item) => int(8, item)), int(20, 7)),
    ),
  ];
}

function encodeConstant({ name, dtype, dims, values, location }: TinyConstant): Buffer[] {
  const data = dtype === 'f32' ? new Float32Array(values) : BigInt64Array.from(values.map((value) => BigInt(value)));
  const border = [...dims.map((dim) => int(1, dim)), int(2, dataTypes[dtype]), text(8, name)];
  if (location === undefined) return [...border, bytes(9, Buffer.from(data.buffer))];
  return [...border, message(13, text(1, 'location'), text(2, location)), int(14, 1)];
}

function encodePort({ name, dtype, shape }: TinyPort): Buffer[] {
  const dims = shape.map((dim) => message(1, typeof dim === 'number' ? int(1, dim) : text(2, dim)));
  return [text(1, name), message(2, message(1, int(1, dataTypes[dtype]), message(2, ...dims)))];
}

function varint(value: number | bigint): Buffer {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    out.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  out.push(Number(rest));
  return Buffer.from(out);
}

function int(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)]);
}

function bytes(field: number, payload: Buffer): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(payload.length), payload]);
}

function text(field: number, value: string): Buffer {
  return bytes(field, Buffer.from(value, 'utf8'));
}

function message(field: number, ...parts: readonly Buffer[]): Buffer {
  return bytes(field, Buffer.concat(parts));
}
