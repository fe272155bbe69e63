import { availableParallelism } from 'node:os';
import type { InferenceSession } from 'onnxruntime-node';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { type DeviceKind, type DeviceRequest, deviceKinds } from './device.ts';
import { loadOrt } from './ort.ts';

/** One way to run models that this installation knows. Listed does not mean working: `testProvider` tells. */
export interface ProviderInfo {
  readonly kind: DeviceKind;
  /** Its library is part of the installation; false: it needs an extra one. */
  readonly bundled: boolean;
}

/** The outcome of a self-test. */
export type ProviderTest = { readonly kind: 'works' } | { readonly kind: 'fails'; readonly reason: string };

/** Providers of this installation; the CPU is always first. */
export async function listProviders(): Promise<readonly ProviderInfo[]> {
  const ort = await loadOrt();
  const found = ort.listSupportedBackends();
  const info = (kind: DeviceKind): ProviderInfo[] => {
    const backend = found.find(({ name }) => name === kind);
    return backend === undefined ? [] : [{ kind, bundled: backend.bundled }];
  };
  return [{ kind: 'cpu', bundled: true }, ...deviceKinds.filter((kind) => kind !== 'cpu').flatMap(info)];
}

/** `y = a + a` on four floats, operator set 18: made by test/support/tiny-onnx.ts, small enough to carry. */
const SELF_TEST_GRAPH = 'CAg6NQoOCgFhCgFhEgF5IgNBZGQSAWdaDwoBYRIKCggIARIECgIIBGIPCgF5EgoKCAgBEgQKAggEQgQKABAS';

/** Opens a four-number graph on the provider, runs it and checks the answer. Never throws. */
export async function testProvider(device: Exclude<DeviceRequest, { kind: 'auto' }>): Promise<ProviderTest> {
  try {
    const ort = await loadOrt();
    const graph = new Uint8Array(Buffer.from(SELF_TEST_GRAPH, 'base64'));
    const session = await ort.InferenceSession.create(graph, sessionOptions(device, 1));
    try {
      const { y } = await session.run({ a: new ort.Tensor('float32', Float32Array.of(1, -2, 0.5, 1e6), [4]) });
      const right = [2, -4, 1, 2e6].every((value, index) => Number(y.data[index]) === value);
      return right ? { kind: 'works' } : { kind: 'fails', reason: 'it computes wrong numbers' };
    } finally {
      await session.release();
    }
  } catch (error) {
    return { kind: 'fails', reason: firstLine(error) };
  }
}

/** The default: leave one core to decoding and to the person, but where there are only two, use both: they wait for the model. */
export function defaultThreads(): number {
  return Math.max(Math.min(2, availableParallelism()), availableParallelism() - 1);
}

/**
 * Options of every session. Exactly one provider is named, because a list is no fallback chain: it throws when the first is missing.
 * Spinning is off: idle intra-op threads otherwise burn the cores that decoding needs (0.55x under load, measured).
 */
export function sessionOptions(
  device: Exclude<DeviceRequest, { kind: 'auto' }>,
  threads: number,
): InferenceSession.SessionOptions {
  const { kind, index } = device;
  return {
    executionProviders: [kind === 'cuda' || kind === 'dml' ? { name: kind, deviceId: index } : { name: kind }],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
    // A pattern is one block of the whole working memory beside what the first run had taken: 1.4 times the memory (DECISIONS 50), and no faster.
    enableMemPattern: false,
    extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
  };
}

export function providerUnavailable(kind: DeviceKind, reason: string, cause?: unknown): StudioError {
  return new StudioError(
    'provider-unavailable',
    'environment',
    `The device "${kind}" does not work here (${reason}); nothing was changed, use --device cpu or auto.`,
    { details: { device: kind, reason }, cause },
  );
}

/** The telling part of a native error, for a sentence: no source paths, no final stop, at most 200 characters. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = message
    .split('\n')[0]
    // `file.cc:12 signature(...) condition was false. What it means`
    .replace(/^\/\S+:\d+ .* was false\. /, '')
    .replace(/^\/\S+:\d+ .*?\) (?=[A-Z])/, '')
    .replace(/[.\s]+$/, '');
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
