import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  /** As old packages say it. */
  readonly licenses?: readonly { readonly type: string }[];
  readonly author?: string | { readonly name: string };
  readonly homepage?: string;
}

/** What we say ourselves where a package's archive holds no text of its licence. */
const HOLDERS: Readonly<Record<string, string>> = {
  'onnxruntime-node': 'Microsoft Corporation',
  'onnxruntime-common': 'Microsoft Corporation',
};
/** Names that are none of SPDX's. */
const SPDX_NAMES: Readonly<Record<string, string>> = { GPLv3: 'GPL-3.0', LGPLv3: 'LGPL-3.0' };
const PROGRAMS_LICENCE = 'GPL-3.0';
const ABOUT = `Masklet Studio is licensed under the Apache License 2.0. It contains or comes with the parts below; licences that a part does not
bring in its own words stand at the end, once each.

Chromium, inside Electron: LICENSES.chromium.html beside the program.

The programs ffmpeg and ffprobe are separate programs that Masklet Studio starts; they are builds of FFmpeg (https://ffmpeg.org), with x264,
x265 and other libraries, under the GNU General Public License, version 3, which stands at the end. Their sources are at
https://ffmpeg.org/download.html and at the address that each of their packages names below.

ONNX Runtime is made with parts of others, whose notices its npm package does not bring:
https://github.com/microsoft/onnxruntime/blob/main/ThirdPartyNotices.txt. On Windows it comes with DirectML
(https://www.nuget.org/packages/Microsoft.AI.DirectML) and the DirectX Shader Compiler (https://github.com/microsoft/DirectXShaderCompiler).`;
const LINE = '='.repeat(100);

/** The notices that go with a package: every shipped part with its version, and the whole text of its licence. Throws where there is none. */
export function noticesOf(root: string, names: readonly string[]): string {
  const cited = new Set([PROGRAMS_LICENCE]);
  const parts = names.map((name) => {
    const folder = join(root, 'node_modules', name);
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
    const { version, homepage = `https://www.npmjs.com/package/${name}` } = manifest;
    const licence = licenceOf(manifest);
    return `${LINE}\n${name} ${version}\n${licence}\n${homepage}\n\n${ownText(folder) ?? cite(manifest, licence, cited)}`;
  });
  const own = `${LINE}\nMasklet Studio\n\n${readFileSync(join(root, 'LICENSE'), 'utf8')}`;
  const texts = [...cited].sort().map((licence) => `${LINE}\n${licence}\n\n${textOf(root, licence)}\n`);
  return [ABOUT, '', ...parts, own, ...texts].join('\n');
}

function licenceOf({ name, license, licenses }: Manifest): string {
  const said = license ?? licenses?.[0]?.type;
  if (said === undefined) throw new Error(`${name} names no licence; it cannot be shipped.`);
  return SPDX_NAMES[said] ?? said;
}

function ownText(folder: string): string | null {
  const file = readdirSync(folder).find((each) => /^(licen[cs]e|copying)(\.|$|-)/i.test(each));
  return file === undefined ? null : `${readFileSync(join(folder, file), 'utf8').trim()}\n`;
}

/** The line that stands in for a text at the end. */
function cite({ name, author }: Manifest, licence: string, cited: Set<string>): string {
  cited.add(licence);
  const holder = HOLDERS[name] ?? (typeof author === 'string' ? author : author?.name) ?? `the authors of ${name}`;
  return `Copyright (c) ${holder}. Licence: ${licence}, at the end of this file.\n`;
}

function textOf(root: string, licence: string): string {
  const file = join(root, `node_modules/spdx-license-list/licenses/${licence}.json`);
  if (!existsSync(file))
    throw new Error(`There is no text of the licence "${licence}"; a part under it cannot be shipped.`);
  return (JSON.parse(readFileSync(file, 'utf8')) as { licenseText: string }).licenseText.trim();
}
