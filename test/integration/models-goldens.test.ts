import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  exerciseGraphs,
  importPack,
  openPackRuntime,
  type PackRuntime,
  type Role,
  readPack,
  replayGoldens,
} from '../../src-main/core/models/index.ts';
import type { TinyGraph, TinyNode } from '../support/tiny-onnx.ts';
import { tinyGraphs, writeTinyPack } from '../support/tiny-pack.ts';

let root: string;
let packs = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'masklet-goldens-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const graphs = tinyGraphs();
const newFolder = () => join(root, `pack-${packs++}`);
const open = async (folder: string, goldenBytes?: number) =>
  openPackRuntime(await readPack(folder), { threads: 1, ...(goldenBytes === undefined ? {} : { goldenBytes }) });

/** Same inputs and outputs, other numbers: what a graph of another checkpoint is. */
const otherWeights: Readonly<Partial<Record<Role, (graph: TinyGraph) => TinyGraph>>> = {
  image_encoder: (graph) => negated(graph, 'feat_s8'),
  mask_decoder: (graph) => negated(graph, 'iou_scores'),
  memory_encoder: (graph) => negated(graph, 'mem_tokens'),
  memory_attention: (graph) => negated(graph, 'cond_feat'),
  mask_prompt: (graph) => negated(graph, 'mask_input'),
  text_encoder: (graph) => negated(graph, 'text_features'),
  detector: (graph) => negated(graph, 'pred_logits'),
};

function negated(graph: TinyGraph, output: string): TinyGraph {
  const nodes = graph.nodes.map(
    (node): TinyNode => (node.outputs[0] === output ? { ...node, outputs: ['upright'] } : node),
  );
  return { ...graph, nodes: [...nodes, { op: 'Neg', inputs: ['upright'], outputs: [output] }] };
}

/** A tiny pack with `change`d graphs and the goldens of the unchanged one. */
async function packWithGoldens(change: Partial<Record<Role, TinyGraph>> = {}): Promise<string> {
  const right = newFolder();
  writeTinyPack(right, {});
  const folder = newFolder();
  writeTinyPack(folder, { graphs: change });
  await using runtime = await open(right);
  await record(runtime, join(folder, 'goldens/components'));
  return folder;
}

/** Writes every call of an exercise as goldens, each tensor under a name of its own. */
async function record(runtime: PackRuntime, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const tensors: object[] = [];
  const cases: object[] = [];
  const put = (name: string, { type, dims, data }: Tensor) => {
    const dtype = type === 'float32' ? 'f32' : type === 'int32' ? 'i32' : 'u8';
    const { buffer, byteOffset, byteLength } = data as Uint8Array;
    writeFileSync(join(folder, `${name}.${dtype}`), new Uint8Array(buffer, byteOffset, byteLength));
    tensors.push({ name, dtype, shape: dims, file: `${name}.${dtype}` });
    return name;
  };
  runtime.listen((role, feeds, outputs) => {
    const at = cases.length;
    const side = (ports: Readonly<Record<string, Tensor>>) =>
      Object.fromEntries(Object.entries(ports).map(([port, tensor]) => [port, put(`${at}.${port}`, tensor)]));
    cases.push({ graph: role, case: `call-${at}`, inputs: side(feeds), outputs: side(outputs) });
  });
  await exerciseGraphs(runtime, { phrase: 'red' });
  runtime.listen(null);
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ tensors, cases }));
}

describe('the goldens of a pack', () => {
  test('are replayed, one call of every role, and agree', async () => {
    await using runtime = await open(await packWithGoldens());
    const findings = await replayGoldens(runtime);
    expect(new Set(findings.map(({ role }) => role))).toEqual(new Set(Object.keys(graphs)));
    expect(Math.max(...findings.map(({ off }) => off))).toBe(0);
    expect(runtime.runCounts.mask_decoder).toBe(2);
  });

  test.each(Object.entries(otherWeights))(
    'refuse the %s of another model with the same shapes',
    async (role, change) => {
      const folder = await packWithGoldens({ [role]: change(graphs[role]) });
      const error = await open(folder).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'pack-graph-mismatch' });
      const sentence = `^The model pack "[^"]+" was refused: its ${role} graph does not compute what the pack's own goldens say [^\\n]+\\.$`;
      expect((error as Error).message).toMatch(new RegExp(sentence));
    },
  );

  test('without them nobody would notice', async () => {
    const folder = await packWithGoldens({ memory_attention: negated(graphs.memory_attention, 'cond_feat') });
    rmSync(join(folder, 'goldens'), { recursive: true });
    await using runtime = await open(folder);
    expect(await replayGoldens(runtime)).toEqual([]);
  });

  test('large ones wait for verify and import', async () => {
    const folder = await packWithGoldens({ memory_attention: negated(graphs.memory_attention, 'cond_feat') });
    await using runtime = await open(folder, 10);
    await expect(replayGoldens(runtime)).rejects.toMatchObject({ code: 'pack-graph-mismatch' });
    const into = join(root, 'installed');
    await expect(importPack(folder, { into, known: [], id: null })).rejects.toMatchObject({
      code: 'pack-graph-mismatch',
    });
    expect(readdirSync(into)).toEqual([]);
  });

  test('are installed with the pack', async () => {
    const pack = await importPack(await packWithGoldens(), { into: join(root, 'kept'), known: [], id: null });
    await using runtime = await open(pack.folder);
    expect(await replayGoldens(runtime)).not.toEqual([]);
  });

  test('in a form that nobody knows are left alone', async () => {
    const folder = await packWithGoldens();
    writeFileSync(join(folder, 'goldens/components/index.json'), '{"tensors": 3}');
    await using runtime = await open(folder);
    expect(await replayGoldens(runtime)).toEqual([]);
  });
});
