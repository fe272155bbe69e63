/**
 * node test/bench/components.ts --pack FOLDER [--python PYTHON --checkpoint FOLDER --family NAME] [--objects 1,4] [--repeats N] [--threads N]
 *
 * Milliseconds of each component of a tracked frame with a full memory (7 frames, 16 pointers), and of the whole frame, against
 * transformers on the same checkpoint with as many threads. Both sides take turns, call by call, in this run. Milliseconds are CPU time,
 * which is wall time for one thread on an idle machine and hardly changes on a busy one. Ours batches the objects, transformers runs
 * them one by one.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { openPackRuntime, type PackRuntime, readPack } from '../../src-main/core/models/index.ts';
import { repositoryRoot } from '../support/run-cli.ts';

const { values } = parseArgs({
  options: {
    pack: { type: 'string' },
    python: { type: 'string' },
    checkpoint: { type: 'string' },
    family: { type: 'string', default: 'sam2.1' },
    objects: { type: 'string', default: '1,4' },
    repeats: { type: 'string', default: '3' },
    threads: { type: 'string', default: '1' },
  },
});

const roles = ['image_encoder', 'memory_attention', 'mask_decoder', 'memory_encoder'] as const;
/** What a pack with phrases has besides; text is encoded once a phrase, the rest every frame. */
const phraseRoles = ['detector', 'text_encoder'] as const;
type BenchRole = (typeof roles | typeof phraseRoles)[number];
const frames = 7;
const pointers = 16;

if (values.pack === undefined) throw new Error('--pack FOLDER is needed');
const threads = Number(values.threads);
const runtime = await openPackRuntime(await readPack(values.pack), { threads });
const reference = await startReference();
console.log('| objects | component | ours, CPU ms | transformers, CPU ms | ratio |\n|---|---|---|---|---|');
for (const count of values.objects.split(',').map(Number)) {
  await compare(count);
  const peak = (process.resourceUsage().maxRSS / 1024).toFixed(0);
  console.log(`| ${count} | peak memory of this process so far, MiB | ${peak} | | |`);
}
reference?.stop();
await runtime[Symbol.asyncDispose]();

async function compare(count: number): Promise<void> {
  const work = await components(runtime, count);
  const timed: readonly BenchRole[] = runtime.spec.detector === null ? roles : [...roles, ...phraseRoles];
  const empty = () => new Map<BenchRole, number[]>(timed.map((role) => [role, []]));
  const [ours, theirs] = [empty(), empty()];
  for (let repeat = 0; repeat < Number(values.repeats); repeat++) {
    for (const role of timed) {
      const started = process.cpuUsage();
      await work[role]();
      const { user, system } = process.cpuUsage(started);
      ours.get(role)?.push((user + system) / 1000);
      if (reference !== null) theirs.get(role)?.push(await reference.millis(role));
    }
  }
  let oursTotal = 0;
  let theirsTotal = 0;
  for (const role of timed) {
    const each = role === 'image_encoder' || role === 'detector' || role === 'text_encoder' ? 1 : count;
    const [mine, other] = [median(ours.get(role)), median(theirs.get(role)) * each];
    if (role === 'detector') row(count, 'tracked frame without phrase', oursTotal, theirsTotal);
    if (role !== 'text_encoder') {
      oursTotal += mine;
      theirsTotal += other;
    }
    row(count, role, mine, other);
  }
  row(count, timed === roles ? 'tracked frame' : 'tracked frame, one phrase', oursTotal, theirsTotal);
}

function row(count: number, name: string, mine: number, other: number): void {
  const cells = [count, name, mine.toFixed(0), other.toFixed(0), (mine / other).toFixed(2)];
  console.log(`| ${cells.join(' | ')} |`);
}

/** One call of each component for `count` objects whose memory is full. */
async function components(model: PackRuntime, count: number): Promise<Record<BenchRole, () => Promise<unknown>>> {
  const { imageSize, lowres, ptrDim, memTokens, memDim } = model.spec;
  const pixels = Uint8Array.from({ length: imageSize ** 2 * 3 }, (_, at) => (at * 37 + (at >> 9) * 11) & 255);
  const image = await model.encodeImage(pixels);
  const tokens = Float32Array.from({ length: memTokens * memDim }, (_, at) => Math.sin(at));
  const pointer = Float32Array.from({ length: ptrDim }, (_, at) => Math.cos(at));
  const item = {
    memories: Array.from({ length: frames }, (_, temporalIndex) => ({ tokens, temporalIndex })),
    pointers: Array.from({ length: pointers }, (_, at) => ({ pointer, temporalPosition: at / (pointers - 1) })),
  };
  const many = <T>(one: T): T[] => new Array<T>(count).fill(one);
  const conditioned = await model.attend(image, many(item));
  const asked = { points: [{ x: 0, y: 0, label: -1 as const }], maskInput: null };
  let phrases = 0;
  const logits = Float32Array.from({ length: lowres ** 2 }, (_, at) => Math.sin(at / 500));
  return {
    image_encoder: () => model.encodeImage(pixels),
    memory_attention: () => model.attend(image, many(item)),
    mask_decoder: () => model.decode(image, { conditioned, noMemory: false, items: many(asked) }),
    memory_encoder: () => model.encodeMemory(image, many({ logits, binarize: false, objectScoreLogit: 1 })),
    detector: async () => model.detect(image, await model.encodeText('ball'), []),
    // Another phrase each time: a known one costs nothing.
    text_encoder: () => model.encodeText(`ball ${++phrases}`),
  };
}

/** NaN where there was nothing to measure. */
function median(list: readonly number[] = []): number {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;
}

async function startReference() {
  const { python, checkpoint, family } = values;
  if (python === undefined || checkpoint === undefined) return null;
  const script = join(repositoryRoot, 'models/recipes/bench.py');
  const child: ChildProcess = spawn(python, [script, 'serve', family, checkpoint, String(threads)], {
    env: { ...process.env, OMP_NUM_THREADS: String(threads) },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout! });
  const next = async () => JSON.parse(String((await once(lines, 'line'))[0])) as { readonly millis: number };
  await next();
  return {
    millis: async (role: BenchRole) => {
      const answer = next();
      child.stdin?.write(`${role}\n`);
      return (await answer).millis;
    },
    stop: () => child.stdin?.end(),
  };
}
