import { basename } from 'node:path';
import type { Report } from '../../../../src-shared/contract/report-results.ts';
import { evaluate, type NamedSource, openEvaluationSource } from '../../evaluation/index.ts';
import { openSessionReader, SESSION_EXTENSION } from '../../store/index.ts';
import type { EvaluateRequest } from '../threads/report-contract.ts';
import type { Progress } from './report-job.ts';
import { sessionSequence } from './session-sequence.ts';

/** Opens what the paths hold, sessions too, and scores it. */
export async function evaluatePaths(
  request: EvaluateRequest,
  progress: Progress,
  signal: AbortSignal,
): Promise<Report> {
  using opened = new DisposableStack();
  const truth = await openNamed(request.truthPath, opened);
  const predictions: NamedSource[] = [];
  for (const path of request.predictionPaths) predictions.push(await openNamed(path, opened));
  return await evaluate({
    predictions,
    truth,
    skipFirstAndLast: request.skipFirstAndLast,
    signal,
    onProgress: (done, total) => progress('scoring', done, total),
  });
}

async function openNamed(path: string, opened: DisposableStack): Promise<NamedSource> {
  const name = basename(path);
  if (!path.endsWith(SESSION_EXTENSION)) return { name, source: await openEvaluationSource(path), notes: [] };
  const { sequence, notes } = sessionSequence(opened.use(openSessionReader(path)));
  return { name, source: { kind: 'videos', sequences: [sequence] }, notes };
}
