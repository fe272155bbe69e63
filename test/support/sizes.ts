/** Files over 600 lines fail; files over 400 must carry a reason here. Banned folder names fail too. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const REASONS: Readonly<Record<string, string>> = {
  'test/integration/bad-inputs.test.ts': 'one table of forty cases reads best whole',
};
const HARD_LIMIT = 600;
const SOFT_LIMIT = 400;

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(file));
const problems: string[] = [];
for (const file of files) {
  const lines = readFileSync(file, 'utf8').split('\n').length;
  if (lines > HARD_LIMIT) problems.push(`${file}: ${lines} lines (limit ${HARD_LIMIT})`);
  else if (lines > SOFT_LIMIT && REASONS[file] === undefined)
    problems.push(`${file}: ${lines} lines and no reason in sizes.ts`);
  if (/(^|\/)(utils?|helpers?|misc|common)(\/|\.tsx?$)/.test(file)) problems.push(`${file}: name says nothing`);
}
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log(`sizes: ${files.length} files ok`);
