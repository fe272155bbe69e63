import { type RleMask, RleWriter } from '../../../../src-shared/mask/rle.ts';
import { forEachRowRun } from '../../../../src-shared/mask/row-runs.ts';
import type { MaskReader } from '../ports.ts';

/** Empty columns and rows that stand before a picture. */
interface Lead {
  readonly left: number;
  readonly top: number;
}

/** Masks of frames that have a lead. */
export function leadMasks(masks: MaskReader, lead: Lead): MaskReader {
  return {
    ...masks,
    masksAt: (index) =>
      masks.masksAt(index).map((row) => (row.mask === null ? row : { ...row, mask: moved(row.mask, lead) })),
  };
}

function moved(mask: RleMask, { left, top }: Lead): RleMask {
  const width = mask.width + left;
  const writer = new RleWriter(width, mask.height + top);
  let done = 0;
  forEachRowRun(mask, (y, from, to) => {
    const row = (y + top) * width + left;
    writer.push(0, row + from - done);
    writer.push(1, to - from);
    done = row + to;
  });
  writer.push(0, width * (mask.height + top) - done);
  return writer.finish();
}
