import { type Role, type RoleRule, roleTable } from '../roles.ts';
import { type ImageLayout, isImageRole } from './layout.ts';
import type { LayoutName } from './layout-names.ts';
import { samexporterSam1, samexporterSam1Rgb, samexporterSam2 } from './samexporter.ts';
import { transformersSam1, transformersSam2 } from './transformers.ts';

/** Every public image export that can be imported; a folder is tried against them in this order. */
export const imageLayouts: readonly ImageLayout[] = [
  transformersSam2,
  transformersSam1,
  samexporterSam2,
  samexporterSam1,
  samexporterSam1Rgb,
];

export function layoutOf(name: LayoutName | undefined): ImageLayout | null {
  return imageLayouts.find((layout) => layout.name === name) ?? null;
}

/** What the graph of a role must look like in a pack of this layout; without one, the role table. */
export function graphRule(name: LayoutName | undefined, role: Role): RoleRule {
  const layout = layoutOf(name);
  return layout !== null && isImageRole(role) ? layout.rules[role] : roleTable[role];
}
