import { readLines } from './read-lines.ts';

/** Records of an RFC 4180 file, line breaks inside quotes included. */
export async function* readCsv(path: string): AsyncGenerator<string[], void, undefined> {
  let pending = '';
  for await (const line of readLines(path)) {
    pending = pending === '' ? line : `${pending}\n${line}`;
    if ((pending.split('"').length - 1) % 2 === 1) continue;
    if (pending !== '') yield csvFields(pending);
    pending = '';
  }
}

/** Fields of one record. */
function csvFields(line: string): string[] {
  const fields: string[] = [];
  let at = 0;
  while (at <= line.length) {
    if (line[at] !== '"') {
      const comma = line.indexOf(',', at);
      const end = comma < 0 ? line.length : comma;
      fields.push(line.slice(at, end));
      at = end + 1;
      continue;
    }
    let field = '';
    let quote = line.indexOf('"', at + 1);
    let from = at + 1;
    while (quote >= 0 && line[quote + 1] === '"') {
      field += line.slice(from, quote + 1);
      from = quote + 2;
      quote = line.indexOf('"', from);
    }
    const end = quote < 0 ? line.length : quote;
    fields.push(field + line.slice(from, end));
    at = end + 2;
  }
  return fields;
}
