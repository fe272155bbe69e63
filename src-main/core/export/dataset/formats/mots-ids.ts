import { isMotsIgnored } from '../../../../../src-shared/datasets/mots-row.ts';
import { type DatasetPlan, usageError } from '../dataset-format.ts';

/** MOTS writes class * 1000 + instance. */
const PER_CLASS = 1000;
/** Class 10 marks regions to ignore, so our classes pass over it. */
const IGNORED_CLASS = 10;
const MOST_CLASSES = 64;

export interface MotsIds {
  classOf(objectId: number): number;
  idOf(objectId: number): number;
}

/** Throws `usage` when an object's number or the classes do not fit the numbering of MOTS. */
export function motsIds(format: string, plan: DatasetPlan): MotsIds {
  const tooHigh = plan.objects.find(({ objectId }) => objectId >= PER_CLASS);
  if (tooHigh !== undefined) {
    throw usageError(
      `Object ${tooHigh.objectId} does not fit the ${format} format, whose ids end at ${PER_CLASS - 1}; export as coco or png instead.`,
    );
  }
  if (plan.classes.length > MOST_CLASSES) {
    throw usageError(`The ${format} format holds ${MOST_CLASSES} classes at most; choose fewer.`);
  }
  const classes = new Map<number, number>(
    plan.objects.map(({ objectId, classId }) => [objectId, classId < IGNORED_CLASS ? classId : classId + 1]),
  );
  const classOf = (id: number) => classes.get(id) ?? 0;
  return { classOf, idOf: (id) => classOf(id) * PER_CLASS + id };
}

/**
 * What a number in a MOTS file means; null: a region to ignore, or background. Each class numbers its objects anew, so a class whose
 * name is not known is called by its number.
 */
export function meaningOfMots(value: number, labels: readonly string[]) {
  if (value <= 0 || isMotsIgnored(value)) return null;
  const classId = Math.floor(value / PER_CLASS);
  const place = classId < IGNORED_CLASS ? classId : classId - 1;
  const instance = value % PER_CLASS;
  return {
    track: String(instance === 0 ? value : instance),
    label: labels[place - 1] ?? (classId === 0 ? null : String(classId)),
  };
}

export function labelLines(plan: DatasetPlan): string {
  return plan.classes.map((name) => `${name}\n`).join('');
}

export function parseLabels(text: string): readonly string[] {
  return text.split(/\r?\n/).filter((name) => name !== '');
}
