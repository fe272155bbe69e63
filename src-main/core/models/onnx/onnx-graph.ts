import { FileWindow } from './file-window.ts';
import { ProtobufError, ProtobufReader, type ProtoField } from './protobuf-reader.ts';

/** One input or output of a graph. `shape`: a number, or the symbol of a dynamic dimension (`?` when unnamed); null = no shape given. */
export interface OnnxPort {
  readonly name: string;
  /** f32, f16, i32, i64, u8, bool, or `type N` for anything else of TensorProto.DataType. */
  readonly dtype: string;
  readonly shape: readonly (number | string)[] | null;
}

/** What the loader needs to know of an .onnx file, read without loading its weights. */
export interface OnnxGraph {
  readonly irVersion: number;
  /** Domain -> version; the default domain is ''. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
  /** Locations of external tensor data, as written in the file, without repetitions. */
  readonly externalLocations: readonly string[];
}

const dtypeNames: Readonly<Record<number, string>> = { 1: 'f32', 2: 'u8', 6: 'i32', 7: 'i64', 9: 'bool', 10: 'f16' };
const MAX_DEPTH = 16;
const MAX_PORTS = 4096;

/** Reads the border of an .onnx file (ModelProto). Throws ProtobufError or RangeError when it is not one. */
export function readOnnxGraph(path: string): OnnxGraph {
  using window = new FileWindow(path);
  return new OnnxReader(new ProtobufReader(window)).model(window.size);
}

/** Field numbers are those of onnx.proto. */
class OnnxReader {
  readonly #proto: ProtobufReader;
  readonly #opsets = new Map<string, number>();
  readonly #initializers = new Set<string>();
  readonly #external = new Set<string>();
  readonly #inputs: OnnxPort[] = [];
  readonly #outputs: OnnxPort[] = [];

  constructor(proto: ProtobufReader) {
    this.#proto = proto;
  }

  model(size: number): OnnxGraph {
    let irVersion = 0;
    let graphs = 0;
    for (const field of this.#proto.fields(0, size)) {
      if (field.number === 1) irVersion = field.value;
      if (field.number === 7) {
        graphs++;
        this.#graph(field, 0);
      }
      if (field.number === 8) this.#opset(field);
      if (field.number === 25) this.#function(field);
    }
    if (graphs !== 1 || irVersion === 0) throw new ProtobufError('there is no ONNX graph in it');
    return {
      irVersion,
      opsets: this.#opsets,
      // Files of IR version 3 list their weights as inputs too.
      inputs: this.#inputs.filter((port) => !this.#initializers.has(port.name)),
      outputs: this.#outputs,
      externalLocations: [...this.#external],
    };
  }

  #message(field: ProtoField): Generator<ProtoField> {
    if (field.wire !== 2) throw new ProtobufError(`field ${field.number} is not a message`);
    return this.#proto.fields(field.start, field.end);
  }

  #graph(graph: ProtoField, depth: number): void {
    if (depth > MAX_DEPTH) throw new ProtobufError(`graphs nested deeper than ${MAX_DEPTH}`);
    for (const field of this.#message(graph)) {
      if (field.number === 1) this.#node(field, depth);
      if (field.number === 5) this.#tensor(field, depth === 0);
      if (field.number === 15) this.#sparseTensor(field);
      if (depth > 0) continue;
      if (field.number === 11) this.#inputs.push(this.#port(field));
      if (field.number === 12) this.#outputs.push(this.#port(field));
      if (this.#inputs.length + this.#outputs.length > MAX_PORTS) throw new ProtobufError('too many inputs or outputs');
    }
  }

  #node(node: ProtoField, depth: number): void {
    for (const field of this.#message(node)) if (field.number === 5) this.#attribute(field, depth);
  }

  #attribute(attribute: ProtoField, depth: number): void {
    for (const field of this.#message(attribute)) {
      if (field.number === 5 || field.number === 10) this.#tensor(field, false);
      if (field.number === 6 || field.number === 11) this.#graph(field, depth + 1);
      if (field.number === 22 || field.number === 23) this.#sparseTensor(field);
    }
  }

  #function(definition: ProtoField): void {
    for (const field of this.#message(definition)) {
      if (field.number === 7) this.#node(field, 1);
      if (field.number === 11) this.#attribute(field, 1);
    }
  }

  #sparseTensor(sparse: ProtoField): void {
    for (const field of this.#message(sparse)) if (field.number <= 2) this.#tensor(field, false);
  }

  #tensor(tensor: ProtoField, named: boolean): void {
    for (const field of this.#message(tensor)) {
      if (field.number === 8 && named) this.#initializers.add(this.#proto.text(field));
      if (field.number === 13) this.#externalEntry(field);
    }
  }

  #externalEntry(entry: ProtoField): void {
    let key = '';
    let value = '';
    for (const field of this.#message(entry)) {
      if (field.number === 1) key = this.#proto.text(field);
      if (field.number === 2) value = this.#proto.text(field);
    }
    if (key === 'location') this.#external.add(value);
  }

  #opset(opset: ProtoField): void {
    let domain = '';
    let version = 0;
    for (const field of this.#message(opset)) {
      if (field.number === 1) domain = this.#proto.text(field);
      if (field.number === 2) version = field.value;
    }
    this.#opsets.set(domain === 'ai.onnx' ? '' : domain, version);
  }

  #port(info: ProtoField): OnnxPort {
    let name = '';
    let dtype = 'not a tensor';
    let shape: readonly (number | string)[] | null = null;
    for (const field of this.#message(info)) {
      if (field.number === 1) name = this.#proto.text(field);
      if (field.number !== 2) continue;
      for (const type of this.#message(field)) {
        if (type.number !== 1) continue;
        for (const part of this.#message(type)) {
          if (part.number === 1) dtype = dtypeNames[part.value] ?? `type ${part.value}`;
          if (part.number === 2) shape = this.#shape(part);
        }
      }
    }
    return { name, dtype, shape };
  }

  #shape(shape: ProtoField): readonly (number | string)[] {
    const dims: (number | string)[] = [];
    for (const field of this.#message(shape)) {
      if (field.number !== 1) continue;
      let dim: number | string = '?';
      for (const part of this.#message(field)) {
        if (part.number === 1) dim = part.value;
        if (part.number === 2) dim = this.#proto.text(part);
      }
      dims.push(dim);
    }
    return dims;
  }
}
