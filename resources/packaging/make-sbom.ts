import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

interface Bill {
  readonly components: readonly { readonly name: string; readonly 'bom-ref': string }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** Writes dist/sbom.cdx.json, npm's own CycloneDX bill of materials, cut down to what a package ships; tells how many parts that is. */
export function makeSbom(): number {
  const told = execFileSync('npm', ['sbom', '--sbom-format=cyclonedx', '--package-lock-only'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 2 ** 27,
    shell: process.platform === 'win32',
  });
  const bill = JSON.parse(told) as Bill;
  const shipped = new Set(shippedReferences());
  const components = bill.components.filter((component) => shipped.has(component['bom-ref']));
  const refs = new Set(components.map((component) => component['bom-ref']));
  const dependencies = bill.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => refs.has(each)) }));
  writeFileSync(
    join(ROOT, 'dist/sbom.cdx.json'),
    `${JSON.stringify({ ...bill, components, dependencies }, null, 2)}\n`,
  );
  return components.length;
}

/** `name@version` of what dist/desktop-packages.json names. */
function shippedReferences(): string[] {
  const folders = JSON.parse(readFileSync(join(ROOT, 'dist/desktop-packages.json'), 'utf8')) as string[];
  return folders.map((folder) => {
    const manifest = readFileSync(join(ROOT, 'node_modules', folder, 'package.json'), 'utf8');
    const { name, version } = JSON.parse(manifest) as { name: string; version: string };
    return `${name}@${version}`;
  });
}
