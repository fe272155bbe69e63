import { type EngineNote, engineNote } from '../../../../src-shared/domain/engine-note.ts';
import { StudioError, throwIfAborted } from '../../../../src-shared/errors/studio-error.ts';
import { layoutOf } from '../layouts/layouts.ts';
import type { ModelPack } from '../model-pack.ts';
import type { Role } from '../roles.ts';
import { loadTokenizer } from '../text/load-tokenizer.ts';
import { type VerifiedPack, verifyPack } from '../verify-pack.ts';
import { type DeviceRequest, parseDevice } from './device.ts';
import { defaultCallBytes } from './objects-per-call.ts';
import { loadOrt } from './ort.ts';
import { replayGoldens } from './pack-goldens.ts';
import { PackRuntime } from './pack-runtime.ts';
import { defaultThreads, listProviders, providerUnavailable, sessionOptions, testProvider } from './providers.ts';
import { RoleSession } from './role-session.ts';
import { exerciseGraphs } from './warm-up.ts';

export interface OpenPackOptions {
  /** cpu (default) | auto | cuda | dml | coreml | webgpu, with `:n` for the n-th device. */
  readonly device?: string;
  /** Intra-op threads; default: cores - 1, at least 1. */
  readonly threads?: number;
  /** Stops verification and opening; a graph that is just being loaded or warmed up finishes first. */
  readonly signal?: AbortSignal;
  /** Working memory of one call beside its weights, bytes: objects are split into calls that fit; default 512 MiB. */
  readonly callBytes?: number;
  /** Run every graph once and check its outputs, also against the pack's own goldens; default true. */
  readonly warmUp?: boolean;
  /** Goldens that need more input than this are left out; default 1 MiB, so that opening stays quick: those of packs in real size are for
   * `models verify` and `models import`. */
  readonly goldenBytes?: number;
  /** Where to look for a text vocabulary that the pack does not carry. */
  readonly vocabFolders?: readonly string[];
}

type OneDevice = Exclude<DeviceRequest, { kind: 'auto' }>;
/** What every opening replays. */
const quickGoldenBytes = 2 ** 20;
const cpu: OneDevice = { kind: 'cpu', index: 0 };

/**
 * Verifies a pack, opens its graphs and warms them up. The caller owns the runtime (`await using`).
 * Rejects with `pack-invalid`, `pack-hash-mismatch`, `pack-graph-mismatch`, `pack-cannot-track`, `model-output-invalid`,
 * `provider-unavailable` (an explicit device that does not work), `usage` (no such device) or `cancelled`; nothing stays open then.
 */
export async function openPackRuntime(pack: ModelPack, options: OpenPackOptions = {}): Promise<PackRuntime> {
  const request = parseDevice(options.device ?? 'cpu');
  const verified = await verifyPack(pack, options.signal);
  const notes = [...verified.notes];
  if (request.kind !== 'auto') {
    if (request.index > 0 && (request.kind === 'webgpu' || request.kind === 'coreml')) {
      notes.push(engineNote('adapter-chosen', { device: request.kind, index: request.index }));
    }
    return openOn(verified, request, notes, options);
  }
  for (const { kind } of await listProviders()) {
    if (kind === 'cpu') continue;
    throwIfAborted(options.signal);
    try {
      return await openOn(verified, { kind, index: 0 }, notes, options);
    } catch (error) {
      const failure = StudioError.from(error);
      if (failure.kind === 'cancelled') throw failure;
      notes.push(
        engineNote('device-left', { device: kind, reason: String(failure.details.reason ?? failure.message) }),
      );
    }
  }
  notes.push(engineNote('cpu-runs'));
  return openOn(verified, cpu, notes, options);
}

/**
 * One provider, tried on its own. A self-test comes first, so that its failure is not taken for the pack's; a pack that passed
 * verification but does not open or compute there is the provider's failure too.
 */
async function openOn(
  verified: VerifiedPack,
  device: OneDevice,
  notes: readonly EngineNote[],
  options: OpenPackOptions,
): Promise<PackRuntime> {
  if (device.kind === 'cpu') return openSessions(verified, device, notes, options);
  const test = await testProvider(device);
  if (test.kind === 'fails') throw providerUnavailable(device.kind, test.reason);
  try {
    return await openSessions(verified, device, notes, options);
  } catch (error) {
    const failure = StudioError.from(error);
    if (failure.kind === 'cancelled') throw failure;
    throw providerUnavailable(device.kind, `the pack does not run on it: ${failure.message}`, failure);
  }
}

async function openSessions(
  verified: VerifiedPack,
  device: OneDevice,
  notes: readonly EngineNote[],
  options: OpenPackOptions,
): Promise<PackRuntime> {
  const ort = await loadOrt();
  const threads = options.threads ?? defaultThreads();
  await using opened = new AsyncDisposableStack();
  const sessions = new Map<Role, RoleSession>();
  const layout = layoutOf(verified.pack.manifest.layout);
  for (const graph of verified.graphs.values()) {
    throwIfAborted(options.signal);
    const session = await RoleSession.open(ort, verified.pack, graph, sessionOptions(device, threads), layout);
    sessions.set(graph.role, opened.use(session));
  }
  const runtime = new PackRuntime({
    ort,
    verified,
    sessions,
    provider: { kind: device.kind, threads, notes },
    callBytes: options.callBytes ?? defaultCallBytes,
    loadTokenizer: () => loadTokenizer(verified.pack, options.vocabFolders ?? []),
  });
  throwIfAborted(options.signal);
  if (options.warmUp ?? true) {
    await runtime.warmUp(async (warming) => {
      await exerciseGraphs(warming);
      throwIfAborted(options.signal);
      await replayGoldens(warming, options.goldenBytes ?? quickGoldenBytes);
    });
  }
  throwIfAborted(options.signal);
  opened.move();
  return runtime;
}
