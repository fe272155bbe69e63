import {
  type DatasetFormatName,
  type DatasetOptions,
  type DatasetShape,
  defaultDatasetOptions,
  type OverlapPolicy,
  type PictureKind,
} from '../../../src-shared/contract/dataset-schemas.ts';
import type { ConceptState, DatasetFormatFacts, ObjectState } from '../../../src-shared/contract/results.ts';
import type { ObjectId } from '../../../src-shared/domain/ids.ts';
import type { ExportWish } from '../../state/export-output.ts';
import type { Scope } from './scope-fields.tsx';

/** One dataset to be written. */
export type DatasetWish = Extract<ExportWish, { kind: 'dataset' }>;

/** What a person said about a batch of datasets; `usual` leaves it to each format. */
export interface DatasetForm {
  readonly chosen: ReadonlySet<DatasetFormatName>;
  /** Classes as typed, by object; empty: the object's own. */
  readonly classes: ReadonlyMap<ObjectId, string>;
  readonly step: number;
  readonly onlyReviewed: boolean;
  readonly shape: DatasetShape | 'usual';
  readonly overlap: OverlapPolicy | 'usual';
  readonly tolerance: number;
  readonly valPercent: number;
  readonly images: PictureKind | 'usual';
}

export const emptyForm: DatasetForm = {
  chosen: new Set(['coco']),
  classes: new Map(),
  step: 1,
  onlyReviewed: false,
  shape: 'usual',
  overlap: 'usual',
  tolerance: defaultDatasetOptions.tolerance,
  valPercent: 0,
  images: 'usual',
};

/** The form for one format: what the format does not have is left out instead of being refused. */
export function optionsFor(
  form: DatasetForm,
  facts: DatasetFormatFacts,
  scope: Pick<Scope, 'objectIds'>,
): DatasetOptions {
  const { step, onlyReviewed, tolerance, shape, overlap, images, valPercent } = form;
  const said = [...form.classes].filter(([, className]) => className.trim() !== '');
  return {
    ...defaultDatasetOptions,
    classOf: said.map(([objectId, className]) => ({ objectId, className: className.trim() })),
    objectIds: scope.objectIds === null ? null : [...scope.objectIds],
    step,
    onlyReviewed,
    tolerance,
    shape: shape !== 'usual' && facts.shapes.includes(shape) ? shape : null,
    overlap: overlap === 'usual' || (overlap === 'keep' && facts.onePerPixel) ? null : overlap,
    valFraction: facts.splits && valPercent > 0 ? valPercent / 100 : null,
    images: images === 'usual' || facts.pictures === null ? null : images,
  };
}

/** The class an object has in datasets when nothing is typed: its own, the phrase that found it, or just `object`. */
export function usualClass({ className, conceptId }: ObjectState, concepts: readonly ConceptState[]): string {
  const found = concepts.find((concept) => concept.conceptId === conceptId);
  return className ?? found?.phrase ?? 'object';
}

/** Whether any chosen format can write outlines as things stand. */
export function writesPolygons(form: DatasetForm, chosen: readonly DatasetFormatFacts[]): boolean {
  return chosen.some(({ shapes }) =>
    form.shape === 'usual' || !shapes.includes(form.shape) ? shapes[0] === 'polygon' : form.shape === 'polygon',
  );
}
