/** Public image exports that a pack may carry as they are; see layouts.ts. */
export const layoutNames = [
  'transformers-sam2',
  'transformers-sam1',
  'samexporter-sam2',
  'samexporter-sam1',
  'samexporter-sam1-rgb',
] as const;
export type LayoutName = (typeof layoutNames)[number];
