import { availableParallelism, totalmem } from 'node:os';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import {
  type BackboneRuntime,
  openBackbone,
  openPackRuntime,
  type PackRuntime,
  packName,
  readBackbone,
  readPack,
  runtimeVersion,
} from '../../models/index.ts';

/** A pack opened for measuring, of either kind. Disposing closes it. */
export type MeasuredPack =
  | {
      readonly kind: 'segmenter';
      readonly runtime: PackRuntime;
      readonly name: string;
      readonly notes: readonly string[];
    }
  | {
      readonly kind: 'backbone';
      readonly runtime: BackboneRuntime;
      readonly name: string;
      readonly notes: readonly string[];
    };

export interface OpenMeasuredOptions {
  readonly device: string;
  readonly threads?: number | null;
  readonly signal: AbortSignal;
}

/** Opens what the folder holds. Errors as `openPackRuntime` and `openBackbone`. The caller disposes `runtime`. */
export async function openMeasured(
  folder: string,
  { device, threads, signal }: OpenMeasuredOptions,
): Promise<MeasuredPack> {
  const options = { device, signal, ...(threads == null ? {} : { threads }) };
  const pack = await readPack(folder).catch((error: unknown) => {
    if (StudioError.from(error).code !== 'pack-cannot-track') throw error;
    return null;
  });
  if (pack === null) {
    const backbone = await readBackbone(folder);
    const runtime = await openBackbone(backbone, options);
    return { kind: 'backbone', runtime, name: `${packName(backbone)} on ${runtime.provider}`, notes: [] };
  }
  const runtime = await openPackRuntime(pack, options);
  const { kind, threads: used, notes } = runtime.provider;
  const where = kind === 'cpu' ? `cpu (${used} thread${used === 1 ? '' : 's'})` : kind;
  const texts = notes.map(({ text }) => text);
  return { kind: 'segmenter', runtime, name: `${packName(pack)} on ${where}`, notes: texts };
}

/** The machine in words that name no one: what a figure can be compared by. */
export async function machineFacts(): Promise<[string, string]> {
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GiB`;
  const software = `Node ${process.version}, ONNX Runtime ${await runtimeVersion()}`;
  return ['machine', `${availableParallelism()}-core CPU, ${memory}, ${process.platform} ${process.arch}; ${software}`];
}
