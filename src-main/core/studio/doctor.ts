import { access, constants, stat, statfs } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { dirname } from 'node:path';
import type { DoctorLine } from '../../../src-shared/contract/results.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { listPacks, listProviders, testProviderApart } from '../models/index.ts';
import { listCapabilities, type MediaTools, writableCodecs } from '../video/index.ts';
import type { StudioParts } from './studio-parts.ts';

const LOW_DISK_BYTES = 2e9;

/** What works on this machine, one line each; a part that fails becomes a line that says what to do. */
export async function examine(parts: StudioParts): Promise<readonly DoctorLine[]> {
  return [
    {
      group: 'app',
      name: 'version',
      state: 'ok',
      text: `${parts.appVersion} on Node ${process.version}, ${process.platform} ${process.arch}`,
    },
    {
      group: 'app',
      name: 'machine',
      state: 'ok',
      text: `${availableParallelism()} cores, ${(totalmem() / 2 ** 30).toFixed(1)} GiB memory`,
    },
    ...(await toolLines(parts)),
    ...(await deviceLines()),
    ...(await packLines(parts)),
    ...(await folderLines(parts)),
  ];
}

async function toolLines(parts: StudioParts): Promise<DoctorLine[]> {
  try {
    const tools = await parts.tools();
    const found = (['ffmpeg', 'ffprobe'] as const).map((name): DoctorLine => {
      const { version, source, path } = tools[name];
      return { group: 'tools', name, state: 'ok', text: `${version.text} (${source}) ${path}` };
    });
    return [...found, await capabilityLine(tools)];
  } catch (error) {
    const { message } = StudioError.from(error);
    return [{ group: 'tools', name: 'ffmpeg', state: 'missing', text: message }];
  }
}

/** What this build of ffmpeg can do, or what it lacks. */
async function capabilityLine(tools: MediaTools): Promise<DoctorLine> {
  const line = { group: 'tools', name: 'codecs' } as const;
  try {
    const { encoders, filters, formats, missing } = await listCapabilities(tools);
    if (missing.length > 0) {
      const text = `This ffmpeg was built without ${missing.join(', ')}; name another one with FFMPEG_BIN.`;
      return { ...line, state: 'missing', text };
    }
    const known = Object.entries({ encoders, filters, formats }).filter(([, names]) => names.length > 0);
    const counts = known.map(([what, names]) => `${names.length} ${what}`);
    const codecs = await writableCodecs(tools);
    return { ...line, state: 'ok', text: `writes ${codecs.join(', ')}; ${counts.join(', ')}` };
  } catch (error) {
    return { ...line, state: 'missing', text: StudioError.from(error).message };
  }
}

async function deviceLines(): Promise<DoctorLine[]> {
  try {
    const lines: DoctorLine[] = [];
    for (const { kind } of await listProviders()) {
      const test = await testProviderApart(kind);
      lines.push({
        group: 'device',
        name: kind,
        state: test.kind === 'works' ? 'ok' : kind === 'cpu' ? 'missing' : 'note',
        ...(test.kind === 'works'
          ? { text: 'self-test passed' }
          : { text: `not usable here: ${test.reason}`, reason: test.reason }),
      });
    }
    return lines;
  } catch (error) {
    return [
      {
        group: 'device',
        name: 'onnxruntime',
        state: 'missing',
        text: `${StudioError.from(error).message} Run npm ci again.`,
      },
    ];
  }
}

async function packLines(parts: StudioParts): Promise<DoctorLine[]> {
  const entries = await listPacks(parts.packFolders);
  if (entries.length === 0) {
    return [
      {
        group: 'packs',
        name: 'none',
        state: 'missing',
        text: 'No model pack is installed; the built-in one belongs in models/.',
      },
    ];
  }
  return entries.map((entry) => {
    if (entry.kind === 'broken') {
      return {
        group: 'packs',
        name: entry.folder.split(/[\\/]/).at(-1) ?? '',
        state: 'note',
        text: entry.error.message,
      };
    }
    if (entry.kind === 'backbone') {
      const { id, manifest, folder } = entry.pack;
      const text = `${manifest.arch}, ${manifest.image.size} px, vectors of ${manifest.embedding.dims}, ${folder}`;
      return { group: 'packs', name: id, state: 'ok', text };
    }
    const { manifest, capabilities, folder, id } = entry.pack;
    const facts = [
      manifest.arch,
      `${manifest.image.size} px`,
      capabilities.whyNoTracking === null ? 'tracks' : `images only: ${capabilities.whyNoTracking}`,
      folder,
    ];
    return { group: 'packs', name: id, state: 'ok', text: facts.join(', ') };
  });
}

async function folderLines({ paths }: StudioParts): Promise<DoctorLine[]> {
  const folders = await Promise.all(Object.entries(paths).map(([name, path]) => folderLine(name, path)));
  const freeBytes = await freeSpace(paths.sessions);
  if (freeBytes === null) return folders;
  const text = `${(freeBytes / 1e9).toFixed(1)} GB free where sessions are kept`;
  return [...folders, { group: 'disk', name: 'sessions', state: freeBytes < LOW_DISK_BYTES ? 'note' : 'ok', text }];
}

async function folderLine(name: string, path: string): Promise<DoctorLine> {
  const line = { group: 'folders', name } as const;
  if (await canBeWritten(path)) return { ...line, state: 'ok', text: path };
  const text = `${path} cannot be written; name another place for the studio's files with MASKLET_HOME.`;
  return { ...line, state: 'missing', text };
}

/** A folder, or the nearest ancestor of it that exists. */
async function canBeWritten(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.W_OK | constants.X_OK);
    return (await stat(folder)).isDirectory();
  } catch (error) {
    const parent = dirname(folder);
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && parent !== folder && canBeWritten(parent);
  }
}

/** Free bytes at a folder or at the nearest ancestor that exists. */
async function freeSpace(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    const parent = dirname(folder);
    return parent === folder ? null : freeSpace(parent);
  }
}
