import { basename } from 'node:path';
import type { Report } from '../../../../src-shared/contract/report-results.ts';
import { proposeSame, type SameProposal } from '../../reports/index.ts';
import type { SameRequest } from '../threads/report-contract.ts';
import { embedderOf } from './embedder.ts';
import { openMeasured } from './measured-pack.ts';
import type { Progress } from './report-job.ts';
import { sessionStretches } from './session-stretches.ts';

/** Which objects on both sides of a gap may be one thing, and which one object may be two. Nothing in the session is changed. */
export async function proposeSameObjects(
  request: SameRequest,
  progress: Progress,
  signal: AbortSignal,
): Promise<Report> {
  const pack = await openMeasured(request.packFolder, { device: request.device, signal });
  await using _ = pack.runtime;
  const embedder = embedderOf(pack);
  const onFrame = (done: number, total: number) => progress('looking at objects', done, total);
  const stretches = await sessionStretches(request.sessionPath, request, embedder, request.samples, onFrame, signal);
  const proposals = proposeSame(stretches, request.minSimilarity);
  return {
    format: 1,
    kind: 'same-object',
    title: 'The same object?',
    facts: [
      ['session', basename(request.sessionPath)],
      ['pack', pack.name],
      ['method', embedder.method],
      ['stretches', `${stretches.length} of ${new Set(stretches.map(({ objectId }) => objectId)).size} objects`],
      ['similarity bound', String(request.minSimilarity)],
    ],
    verdict: null,
    sections: [
      {
        kind: 'table',
        title: 'Proposals',
        columns: [
          { name: 'proposal' },
          { name: 'before' },
          { name: 'frames' },
          { name: 'after' },
          { name: 'frames' },
          { name: 'gap', digits: 0 },
          { name: 'similarity', digits: 3 },
        ],
        rows: proposals.map(({ kind, before, after, gapFrames, similarity }) => [
          kind === 'join' ? 'may be one' : 'may be two',
          nameOf(before),
          `${before.first} to ${before.last}`,
          nameOf(after),
          `${after.first} to ${after.last}`,
          gapFrames,
          similarity,
        ]),
      },
    ],
    notes: proposals.length === 0 ? ['No object looks like another one on the other side of a gap.'] : pack.notes,
    data: { proposals: proposals.map(withoutVectors) },
  };
}

function nameOf({ objectId, name }: SameProposal['before']): string {
  return `#${objectId} ${name}`;
}

function withoutVectors({ before, after, ...rest }: SameProposal): object {
  const plain = ({ objectId, name, first, last }: SameProposal['before']) => ({ objectId, name, first, last });
  return { ...rest, before: plain(before), after: plain(after) };
}
