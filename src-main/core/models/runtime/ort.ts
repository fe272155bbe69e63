import type * as Ort from 'onnxruntime-node';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';

export type OrtModule = typeof Ort;

let loading: Promise<OrtModule> | null = null;

/**
 * The ONNX Runtime binding, loaded on first use: its 100 ms and its native library are spared where no model runs.
 * Rejects with `provider-unavailable` when the binary does not load on this machine.
 */
export function loadOrt(): Promise<OrtModule> {
  loading ??= import('onnxruntime-node').then(quiet, (cause: unknown) => {
    loading = null;
    throw new StudioError(
      'provider-unavailable',
      'environment',
      'The ONNX Runtime of this installation does not load on this machine; run npm ci again on this system.',
      { cause },
    );
  });
  return loading;
}

/** Failures come back as errors; the runtime's own lines on stderr would only tear the progress bar. */
function quiet(ort: OrtModule): OrtModule {
  ort.env.logLevel = 'fatal';
  return ort;
}
