export { type AppPaths, appPaths } from './app-paths.ts';
export { READS } from './guard-edits.ts';
export { createStudio } from './studio.ts';
export type { StudioParts } from './studio-parts.ts';
