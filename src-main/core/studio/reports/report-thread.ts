import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Handlers } from '../../../../src-shared/rpc/contract-types.ts';
import { readJson } from '../../evaluation/index.ts';
import { compareBenchReports, readBench } from '../../reports/index.ts';
import type { ReportThreadContract } from '../threads/report-contract.ts';
import { measureBench } from './bench.ts';
import { removeCheckpoint, runCocoBenchmark } from './coco-benchmark.ts';
import { embedInputs } from './embed.ts';
import { evaluatePaths } from './evaluate-paths.ts';
import { findByPicture } from './find-by-picture.ts';
import { nextClicks } from './next-clicks.ts';
import { measureParity } from './parity.ts';
import { reportJob } from './report-job.ts';
import { reviewStops } from './review-stops.ts';
import { proposeSameObjects } from './same-object.ts';
import { verifyAndDescribe } from './verify.ts';

/** What the report thread serves. */
export function reportThreadHandlers(): Handlers<ReportThreadContract> {
  return {
    evaluate: (request, { signal }) => reportJob(request, (progress) => evaluatePaths(request, progress, signal)),
    verifyPack: (request, { signal }) =>
      reportJob({ outFolder: null, overwrite: false }, () => verifyAndDescribe(request, signal)),
    parity: (request, { signal }) => reportJob(request, (progress) => measureParity(request, progress, signal)),
    bench: (request, { signal }) => reportJob(request, (progress) => measureBench(request, progress, signal)),
    compareBenches: (request) =>
      reportJob(request, async () => {
        const before = await benchAt(request.beforePath);
        return compareBenchReports(before, await benchAt(request.afterPath));
      }),
    embed: (request, { signal }) => reportJob(request, (progress) => embedInputs(request, progress, signal)),
    proposeSame: (request, { signal }) =>
      reportJob(request, (progress) => proposeSameObjects(request, progress, signal)),
    findByPicture: (request, { signal }) => reportJob(request, (progress) => findByPicture(request, progress, signal)),
    cocoBenchmark: (request, { signal }) => {
      // Scoring again says nothing that was not said: it keeps what the run measured.
      const output = { ...request, overwrite: request.overwrite || request.evalOnly };
      return reportJob(
        output,
        (progress) => runCocoBenchmark(request, progress, signal),
        () => removeCheckpoint(request),
      );
    },
    reviewStops: ({ sessionPath }, { signal }) => reviewStops(sessionPath, signal),
    nextClicks: (request, { signal }) => nextClicks(request, signal),
  };
}

/** `path`: a `report.json`, or the folder that a bench wrote. */
async function benchAt(path: string) {
  const folder = (await stat(path).catch(() => null))?.isDirectory() ?? false;
  const file = folder ? join(path, 'report.json') : path;
  return readBench(await readJson(file), file);
}
