/** Prints the sizes of what `npm run package` left in release/. */
import { globSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const FOLDER = join(resolve(import.meta.dirname, '../..'), 'release');
const mb = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1).padStart(8)} MB`;

for (const file of globSync('*.{exe,dmg,zip,AppImage,deb}', { cwd: FOLDER }).sort())
  process.stdout.write(`${mb(statSync(join(FOLDER, file)).size)}  ${file}\n`);
for (const folder of globSync('*unpacked', { cwd: FOLDER })) {
  const files = globSync('**/*', { cwd: join(FOLDER, folder) }).map((file) => statSync(join(FOLDER, folder, file)));
  process.stdout.write(`${mb(files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0))}  ${folder}/\n`);
}
