import type { Metafile } from 'esbuild';

/** The npm packages of which a bundle holds at least one file, as their folders in node_modules, sorted. */
export function bundledPackages({ outputs }: Metafile): string[] {
  const names = new Set<string>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = /(?:^|\/)node_modules\/((?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
      if (name !== undefined && bytesInOutput > 0) names.add(name);
    }
  }
  return [...names].sort();
}
