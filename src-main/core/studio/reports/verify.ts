import type { Report, ReportTable } from '../../../../src-shared/contract/report-results.ts';
import { type GoldenFinding, replayGoldens } from '../../models/index.ts';
import type { VerifyRequest } from '../threads/report-contract.ts';
import { machineFacts, openMeasured } from './measured-pack.ts';

/** Opening a pack checks every file, every border and one run of each graph; what is left are its larger goldens, and to say what it is. */
export async function verifyAndDescribe(request: VerifyRequest, signal: AbortSignal): Promise<Report> {
  const pack = await openMeasured(request.packFolder, { device: request.device, signal });
  await using _ = pack.runtime;
  const { id, hash, manifest } = pack.runtime.pack;
  const goldens = pack.kind === 'segmenter' ? await replayGoldens(pack.runtime) : [];
  return {
    format: 1,
    kind: 'verify',
    title: `Model pack ${id}`,
    facts: [
      ['opened', pack.name],
      ['architecture', manifest.arch],
      ['picture', `${manifest.image.size} px`],
      ['licence', manifest.licence],
      ['hash', hash],
      ['goldens', describeGoldens(goldens)],
      await machineFacts(),
    ],
    verdict: 'PASS',
    sections: [graphTable(manifest.graphs)],
    notes: pack.notes,
    data: { id, hash, manifest },
  };
}

function describeGoldens(findings: readonly GoldenFinding[]): string {
  const [first, ...rest] = findings.toSorted((a, b) => b.off - a.off);
  if (first === undefined) return 'none in the pack';
  return `${rest.length + 1} calls as they should be, worst ${first.off.toExponential(1)} (${first.role}, ${first.case})`;
}

function graphTable(
  graphs: Readonly<Record<string, { file: string; precision: string; sha256: string }>>,
): ReportTable {
  return {
    kind: 'table',
    title: 'Graphs: hashed, checked against their roles, run once',
    columns: [{ name: 'role' }, { name: 'file' }, { name: 'precision' }, { name: 'SHA-256' }],
    rows: Object.entries(graphs).map(([role, { file, precision, sha256 }]) => [
      role,
      file,
      precision,
      `${sha256.slice(0, 16)}…`,
    ]),
  };
}
