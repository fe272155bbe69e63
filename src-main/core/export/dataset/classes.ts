import type { DatasetOptions } from '../../../../src-shared/contract/dataset-schemas.ts';
import type { ExportObject } from '../ports.ts';
import { type DatasetObject, usageError } from './dataset-format.ts';

/** The class of an object nobody gave one. */
export const UNNAMED_CLASS = 'object';

/**
 * The objects that go into a dataset, in id order, and its classes: those asked for, or every class in order of its first
 * object. Throws `usage` when an object or class that was asked for is not in the session, or nothing is left.
 */
export function chooseObjects(
  all: readonly ExportObject[],
  options: Pick<DatasetOptions, 'classes' | 'classOf' | 'objectIds'>,
): { readonly objects: readonly DatasetObject[]; readonly classes: readonly string[] } {
  const known = new Set(all.map(({ objectId }) => objectId));
  const asked = [...(options.objectIds ?? []), ...options.classOf.map(({ objectId }) => objectId)];
  const missing = asked.find((id) => !known.has(id));
  if (missing !== undefined) throw usageError(`This session has no object ${missing}; nothing was written.`);
  const given = new Map(options.classOf.map(({ objectId, className }) => [objectId, className]));
  const wanted = all
    .filter(({ objectId }) => options.objectIds === null || options.objectIds.includes(objectId))
    .map((object) => ({ ...object, className: given.get(object.objectId) ?? object.className ?? UNNAMED_CLASS }))
    .sort((a, b) => a.objectId - b.objectId);
  const present = [...new Set(wanted.map(({ className }) => className))];
  const unknown = options.classes?.find((name) => !present.includes(name));
  if (unknown !== undefined) {
    throw usageError(
      `No object has the class "${unknown}"; the session's classes are ${present.join(', ') || 'none'}.`,
    );
  }
  const classes = options.classes === null ? present : [...new Set(options.classes)];
  const objects = wanted
    .map((object) => ({ ...object, classId: classes.indexOf(object.className) + 1 }))
    .filter(({ classId }) => classId > 0);
  if (objects.length === 0) throw usageError('No object is left to export; track something first or ask for less.');
  return { objects, classes };
}
