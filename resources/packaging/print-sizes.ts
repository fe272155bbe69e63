import { globSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

const PACKED = '*.{exe,dmg,zip,AppImage,deb,gz,xz}';
/** What an unpacked package is made of; everything else in it is Electron's. */
const PARTS = {
  'models, the sample clip, engine and workers': 'app.asar.unpacked/{models,resources,src-main}',
  'native packages (ONNX Runtime, SQLite, ffmpeg)': 'app.asar.unpacked/node_modules',
  'page and host (app.asar)': 'app.asar',
  'notices and bill of materials': '*.{txt,json}',
} as const;

/** Prints the sizes of what a run of electron-builder left in `folder`, and of the parts of each unpacked package. */
export function printSizes(folder: string): void {
  for (const file of globSync(PACKED, { cwd: folder }).sort()) say(statSync(join(folder, file)).size, file);
  for (const name of globSync('{*unpacked,mac*/*.app}', { cwd: folder })) {
    const packed = join(folder, name);
    const [resources] = globSync('{resources,Contents/Resources}', { cwd: packed });
    const whole = bytesOf(packed, '.');
    const parts = Object.entries(PARTS).map(
      ([part, pattern]) => [part, bytesOf(join(packed, resources), pattern)] as const,
    );
    say(whole, `${basename(name)}/`);
    for (const [part, bytes] of parts) say(bytes, `  ${part}`);
    say(
      parts.reduce((rest, [, bytes]) => rest - bytes, whole),
      '  Electron',
    );
  }
}

function bytesOf(folder: string, pattern: string): number {
  const found = globSync([pattern, `${pattern}/**/*`], { cwd: folder }).map((file) => statSync(join(folder, file)));
  return found.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
}

function say(bytes: number, what: string): void {
  process.stdout.write(`${(bytes / 2 ** 20).toFixed(1).padStart(8)} MB  ${what}\n`);
}
