import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** The npm packages of which a bundle holds at least one file, sorted. */
export function bundledPackages({ outputs }: Metafile): string[] {
  const names = new Set<string>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
      if (name !== undefined && bytesInOutput > 0) names.add(name);
    }
  }
  return [...names].sort();
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name: string };
  readonly homepage?: string;
}

/** What we say ourselves where a package's archive holds no text of its licence. */
const HOLDERS: Readonly<Record<string, string>> = {
  'onnxruntime-node': 'Microsoft Corporation',
  'onnxruntime-common': 'Microsoft Corporation',
};
const PROGRAMS = `The programs ffmpeg and ffprobe are separate programs that Masklet Studio starts; they are builds of FFmpeg
(https://ffmpeg.org) under the GNU General Public License, version 3 (https://www.gnu.org/licenses/gpl-3.0.html). Their sources are at https://ffmpeg.org/download.html and at the
address that each of their packages names below.`;

/** The notices that go with a package: every shipped part with its version and the text of its licence. */
export function noticesOf(root: string, names: readonly string[]): string {
  const parts = names.map((name) => {
    const folder = join(root, 'node_modules', name);
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
    const { version, license = 'see below', homepage = `https://www.npmjs.com/package/${name}` } = manifest;
    return `${'='.repeat(100)}\n${name} ${version}\n${license}\n${homepage}\n\n${licenceText(folder, manifest)}`;
  });
  const own = readFileSync(join(root, 'LICENSE'), 'utf8');
  const head = 'Masklet Studio is licensed under the Apache License 2.0. It contains or comes with the parts below.';
  const electron = 'Chromium, inside Electron: LICENSES.chromium.html beside the program.';
  return `${head}\n${electron}\n\n${PROGRAMS}\n\n${parts.join('\n')}\n${'='.repeat(100)}\nMasklet Studio\n\n${own}`;
}

function licenceText(folder: string, manifest: Manifest): string {
  const file = readdirSync(folder).find((each) => /^(licen[cs]e|copying)(\.|$|-)/i.test(each));
  if (file !== undefined) return `${readFileSync(join(folder, file), 'utf8').trim()}\n`;
  const { name, author, license } = manifest;
  const holder = HOLDERS[name] ?? (typeof author === 'string' ? author : author?.name) ?? `the authors of ${name}`;
  return license === 'MIT' ? `Copyright (c) ${holder}\n\n${MIT}\n` : `Copyright (c) ${holder}. Licence: ${license}.\n`;
}

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files
(the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge,
publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so,
subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR
ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH
THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
