import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PNG } from 'pngjs';
import {
  type FrameMasks,
  type JfMean,
  type SequenceScore,
  SequenceScorer,
  scoreDataset,
} from '../../src-main/core/evaluation/index.ts';
import { type RleMask, rleFromBitmap } from '../../src-shared/mask/rle.ts';

/** One DAVIS-2016 sequence: a folder of JPEGs and one annotation PNG (0 and 255) per frame, same names. */
export interface DavisSequence {
  readonly name: string;
  readonly imageFolder: string;
  /** Ascending frame order. */
  readonly annotations: readonly string[];
}

/** Where the predicted mask of a frame comes from. */
export type Prediction = (frameIndex: number, annotation: string) => RleMask;

/** `root` is a DAVIS folder (JPEGImages/480p/NAME, Annotations/480p/NAME). Throws when it is not one. */
export function listSequences(root: string): DavisSequence[] {
  const images = path.join(root, 'JPEGImages/480p');
  const annotations = path.join(root, 'Annotations/480p');
  if (!existsSync(images) || !existsSync(annotations)) throw new Error(`${root} is not a DAVIS folder at 480p.`);
  return readdirSync(annotations)
    .sort()
    .map((name) => ({
      name,
      imageFolder: path.join(images, name),
      annotations: readdirSync(path.join(annotations, name))
        .filter((file) => file.endsWith('.png'))
        .sort()
        .map((file) => path.join(annotations, name, file)),
    }));
}

/** Any pixel that is not black is foreground. */
export function readMask(file: string): RleMask {
  const { width, height, data } = PNG.sync.read(readFileSync(file));
  const bitmap = new Uint8Array(width * height);
  for (let at = 0; at < bitmap.length; at++) bitmap[at] = data[at * 4] | data[at * 4 + 1] | data[at * 4 + 2];
  return rleFromBitmap(bitmap, width, height);
}

/** The floor every tracker must beat: the given first mask, never moved. */
export function stillPrediction(sequence: DavisSequence): Prediction {
  const first = readMask(sequence.annotations[0]);
  return () => first;
}

/** Masks from DIR/00000.png or DIR/1/00000.png (the png export). Throws by name for a frame that is missing. */
export function folderPrediction(folder: string): Prediction {
  const inner = existsSync(path.join(folder, '1')) ? path.join(folder, '1') : folder;
  return (frameIndex, annotation) => {
    const file = path.join(inner, path.basename(annotation));
    if (!existsSync(file)) throw new Error(`No mask for frame ${frameIndex}: ${file} is missing.`);
    return readMask(file);
  };
}

/** DAVIS protocol: the first frame is given and the last is skipped, so neither counts. */
export function scoreDavisSequence(sequence: DavisSequence, predict: Prediction): SequenceScore {
  const { width, height } = readMask(sequence.annotations[0]);
  const scorer = new SequenceScorer(width, height);
  const only = (mask: RleMask): FrameMasks => new Map([[1, mask]]);
  for (let frameIndex = 1; frameIndex < sequence.annotations.length - 1; frameIndex++) {
    const annotation = sequence.annotations[frameIndex];
    scorer.addFrame(only(readMask(annotation)), only(predict(frameIndex, annotation)));
  }
  return scorer.finish();
}

export interface DavisRow {
  readonly name: string;
  readonly frames: number;
  readonly score: SequenceScore;
  /** Wall time of tracking; null when masks were read from a folder. */
  readonly trackSecs: number | null;
}

/** A Markdown table, x100 with one decimal, as the benchmark prints it. */
export function davisTable(rows: readonly DavisRow[]): string {
  const percent = (value: number | undefined) => (value === undefined ? '-' : (value * 100).toFixed(1));
  const cells = (score: JfMean | null) => [percent(score?.jf), percent(score?.j), percent(score?.f)];
  const statistics = ({ score }: DavisRow) =>
    score.objects.length === 0
      ? ['-', '-', '-', '-']
      : [score.objects[0].j.recall, score.objects[0].j.decay, score.objects[0].f.recall, score.objects[0].f.decay].map(
          percent,
        );
  const speed = ({ trackSecs, frames }: DavisRow) => (trackSecs === null ? '-' : (frames / trackSecs).toFixed(2));
  const body = rows.map((row) => [
    row.name,
    String(row.frames),
    ...cells(row.score.mean),
    ...statistics(row),
    speed(row),
  ]);
  const mean = ['**mean**', '', ...cells(scoreDataset(rows.map((row) => row.score))), '', '', '', '', ''];
  const head = ['sequence', 'frames', 'J&F', 'J', 'F', 'J recall', 'J decay', 'F recall', 'F decay', 'frames/s'];
  const rule = head.map((_, at) => (at === 0 ? '---' : '---:'));
  return `${[head, rule, ...body, mean].map((row) => `| ${row.join(' | ')} |`).join('\n')}\n`;
}
