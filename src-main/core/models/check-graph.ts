import { graphRule } from './layouts/layouts.ts';
import type { Manifest, ManifestGraph } from './manifest.ts';
import type { ModelPack } from './model-pack.ts';
import type { OnnxGraph, OnnxPort } from './onnx/onnx-graph.ts';
import { type PackName, packError } from './pack-error.ts';
import { dynamicSymbols, manifestSymbols, type PortRule, type Role, type RoleRule } from './roles.ts';

/** Newest operator set of the default domain that onnxruntime 1.30 loads (27 is refused: tried, and pinned by a test). */
export const MAX_OPSET = 26;
/** Newest file format it loads (14 is refused: tried). */
export const MAX_IR_VERSION = 13;
/** Values of symbols seen so far, and who said so; one map for the whole pack. */
export type PackSymbols = Map<string, { readonly value: number; readonly from: string }>;

/** Dynamic dimensions that a graph fixes (`B: 1`), by symbol. */
export type FixedDims = ReadonlyMap<string, number>;

/** The manifest's numbers as symbols; zero means "not stated" and binds nothing. */
export function manifestSymbolValues(pack: ModelPack): PackSymbols {
  const { manifest, spec } = pack;
  const values: Record<string, number> = {
    S: spec.imageSize,
    G: manifest.grid,
    L: spec.lowres,
    M: spec.maskPromptSize,
    T: spec.memTokens,
    D: spec.memDim,
    R: spec.ptrDim,
    Q: spec.detector?.numQueries ?? 0,
    X: manifest.text?.contextLength ?? 0,
  };
  const symbols: PackSymbols = new Map();
  for (const [symbol, value] of Object.entries(values)) {
    if (value > 0) symbols.set(symbol, { value, from: `pack.json ${manifestSymbols[symbol]}` });
  }
  return symbols;
}

/**
 * Checks one graph against its role, the manifest's numbers and what earlier graphs fixed. Adds what it learns to `symbols`.
 * Returns the dynamic dimensions that the graph fixes. Throws `pack-graph-mismatch` with one sentence.
 */
export function checkGraph(pack: ModelPack, role: Role, graph: OnnxGraph, symbols: PackSymbols): FixedDims {
  const required = (port: PortRule) => !port.optional || neededHere(pack.manifest, role, port);
  const fixed = checkBorder({ pack, role, rule: graphRule(pack.manifest.layout, role), required }, graph, symbols);
  const fail = failureOf(pack, role);
  if (fixed.has('P')) fail(`fixes the number of points at ${fixed.get('P')}; it must be dynamic`);
  const declared = pack.manifest.graphs[role]?.io;
  if (declared !== undefined) checkDeclared(pack, role, declared, graph);
  return fixed;
}

/** What a graph of any kind of pack must look like. */
export interface Border {
  readonly pack: PackName;
  readonly role: string;
  readonly rule: RoleRule;
  required(port: PortRule): boolean;
}

/** Versions, names, types and shapes of a graph's inputs and outputs. As `checkGraph`. */
export function checkBorder(border: Border, graph: OnnxGraph, symbols: PackSymbols): FixedDims {
  const { role, rule } = border;
  const fail: Fail = failureOf(border.pack, role);
  checkVersions(graph, fail);
  const fixed = new Map<string, number>();
  const side = (kind: 'input' | 'output', rules: readonly PortRule[], ports: readonly OnnxPort[]) => {
    for (const wanted of rules) {
      const port = wanted.name === '*' ? ports[0] : ports.find(({ name }) => name === wanted.name);
      if (port !== undefined) checkPort(role, kind, wanted, port, symbols, fixed, fail);
      else if (border.required(wanted)) {
        fail(`has no ${kind} "${wanted.name}" (it has ${ports.map(({ name }) => name).join(', ') || 'none'})`);
      }
    }
  };
  side('input', rule.inputs, graph.inputs);
  side('output', rule.outputs, graph.outputs);
  const stranger = graph.inputs.find((port) => !rule.inputs.some(({ name }) => name === port.name || name === '*'));
  if (stranger !== undefined) fail(`wants an input "${stranger.name}" that the role does not have`);
  return fixed;
}

function failureOf(pack: PackName, role: string): Fail {
  return (what) => {
    throw packError('pack-graph-mismatch', pack, `its ${role} graph ${what}`, { details: { role } });
  };
}

type Fail = (what: string) => never;

/** Operators of other domains are left to the runtime: exporters import domains that they never use. */
function checkVersions(graph: OnnxGraph, fail: Fail): void {
  const opset = graph.opsets.get('') ?? 0;
  if (opset > MAX_OPSET) fail(`needs operator set ${opset}, newer than the ${MAX_OPSET} this runtime knows`);
  if (graph.irVersion > MAX_IR_VERSION) {
    fail(`is in file format ${graph.irVersion}, newer than the ${MAX_IR_VERSION} this runtime knows`);
  }
}

/** Detector features are part of the image encoder's job only where there is a detector. */
function neededHere(manifest: Manifest, role: Role, port: PortRule): boolean {
  return role === 'image_encoder' && port.name.startsWith('det_') && manifest.graphs.detector !== undefined;
}

function checkPort(
  role: string,
  kind: 'input' | 'output',
  rule: PortRule,
  port: OnnxPort,
  symbols: PackSymbols,
  fixed: Map<string, number>,
  fail: Fail,
): void {
  const what = `${kind} "${port.name}"`;
  if (!(rule.dtypes as readonly string[]).includes(port.dtype)) {
    fail(`has ${what} of type ${port.dtype} instead of ${rule.dtypes.join(' or ')}`);
  }
  const { shape } = port;
  if (shape === null) return;
  const shown = `[${shape.join(', ')}]`;
  if (shape.length !== rule.shape.length) fail(`has ${what} ${shown} instead of [${rule.shape.join(', ')}]`);
  for (const [axis, wanted] of rule.shape.entries()) {
    const found = shape[axis];
    if (typeof found !== 'number') continue;
    const clash = bind(wanted, found, `${role} ${port.name}`, symbols, fixed);
    if (clash !== null) fail(`has ${what} ${shown} where dimension ${axis + 1} must be ${clash}`);
  }
}

/** Null when `found` fits; else what was expected, in words. */
function bind(
  wanted: number | string,
  found: number,
  from: string,
  symbols: PackSymbols,
  fixed: Map<string, number>,
): string | null {
  if (typeof wanted === 'number') return found === wanted ? null : String(wanted);
  if (dynamicSymbols.has(wanted)) {
    const known = fixed.get(wanted);
    fixed.set(wanted, found);
    return known === undefined || known === found ? null : `${known}, as elsewhere in this graph`;
  }
  const known = symbols.get(wanted);
  if (known === undefined) symbols.set(wanted, { value: found, from });
  return known === undefined || known.value === found ? null : `${known.value} (${known.from})`;
}

/** The manifest's own description of a graph must agree with the file. */
export function checkDeclared(
  pack: PackName,
  role: string,
  io: NonNullable<ManifestGraph['io']>,
  graph: OnnxGraph,
): void {
  const fail = failureOf(pack, role);
  const pairs = [
    ['input', io.inputs, graph.inputs],
    ['output', io.outputs, graph.outputs],
  ] as const;
  for (const [kind, declared, ports] of pairs) {
    for (const want of declared) {
      const port = ports.find(({ name }) => name === want.name);
      if (port === undefined) fail(`has no ${kind} "${want.name}", which pack.json lists`);
      if (port !== undefined && !agrees(want, port)) {
        const shown = `${port.dtype} [${port.shape?.join(', ') ?? ''}]`;
        fail(`has ${kind} "${want.name}" ${shown}, but pack.json says ${want.dtype} [${want.shape.join(', ')}]`);
      }
    }
  }
}

function agrees(want: { dtype: string; shape: readonly (number | string)[] }, port: OnnxPort): boolean {
  if (want.dtype !== port.dtype) return false;
  if (port.shape === null) return true;
  if (port.shape.length !== want.shape.length) return false;
  return want.shape.every((dim, axis) => {
    const found = port.shape?.[axis];
    return typeof dim !== 'number' || typeof found !== 'number' || dim === found;
  });
}
