import { Command, CommanderError, Option } from 'commander';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { addDatasetVerbs } from './program-datasets.ts';
import { addReports } from './program-reports.ts';
import type { Choose, VerbContext } from './verb-context.ts';
import { runDemo } from './verbs/demo.ts';
import { runDoctor } from './verbs/doctor.ts';
import { runInfo } from './verbs/info.ts';
import { addRenderOptions, type RenderFlags, runRender } from './verbs/render.ts';
import { type ReviewFlags, runReview } from './verbs/review.ts';
import { runSegment, type SegmentFlags } from './verbs/segment.ts';
import { runServe, type ServeFlags } from './verbs/serve.ts';
import { runSessions } from './verbs/sessions.ts';
import { runTrack, type TrackFlags } from './verbs/track.ts';

/** What the command line asked for: a verb to run, or text that commander has printed already. */
export type ParsedCommand =
  | { readonly kind: 'run'; readonly json: boolean; readonly run: (context: VerbContext) => Promise<number> }
  | { readonly kind: 'shown' };

const EXAMPLES = `
Examples:
  masklet demo --out demo
  masklet info clip.mp4
  masklet track clip.mp4 --point 1:0:320,180 --point 1:0:40,40,-
  masklet track clip.mp4 --text "red thing" --range 100:400 --session match.masklet
  masklet segment photo.jpg --point 320,180 --out dog.png
  masklet models import downloads/sam2.1-hiera-tiny-ONNX
  masklet render match.masklet --out match_tracked.mp4
  masklet export match.masklet --format davis --out masks
  masklet serve --open
  masklet import masks --video match.mp4 --session truth.masklet --as truth

Coordinates are displayed pixels, frames count from 0. Exit status: 0 ok, 1 failed, 2 bad usage, 3 partial (the
source ends early: its good part is done), 130 cancelled.`;

/** Parses argv (without node and script). Throws `usage` for anything commander refuses. */
export function parseCommandLine(argv: readonly string[], version: string): ParsedCommand {
  let command: ParsedCommand = { kind: 'shown' };
  const choose = (json: boolean | undefined, run: (context: VerbContext) => Promise<number>) => {
    command = { kind: 'run', json: json === true, run };
  };
  const program = buildProgram(version, choose);
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'shown' };
    throw new StudioError('usage', 'user', usageSentence(error), { cause: error });
  }
  return command;
}

function usageSentence(error: CommanderError): string {
  if (error.code === 'commander.help')
    return 'Say what to do, for example "masklet demo"; "masklet --help" lists the verbs.';
  const text = error.message.replace(/^error: /, '');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}; "masklet --help" shows the form.`;
}

/** As of "$UNSET". */
function refuseEmpty(name: string): void {
  if (name.trim() !== '') return;
  throw new StudioError('usage', 'user', `"${name}" names no file or folder; give the path of the one that is meant.`);
}

function buildProgram(version: string, choose: Choose): Command {
  const program = new Command('masklet')
    .description(
      'Track objects through video: click, box or name them, get masks with stable identities on every frame.',
    )
    .version(version)
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .addHelpText('after', EXAMPLES)
    .hook('preAction', (_, { args }) => args.forEach(refuseEmpty));
  const json = () => new Option('--json', 'JSON lines on stdout instead of text');
  program
    .command('demo')
    .description('the main job on the sample clip: session, annotated MP4, contact sheet')
    .option('--out <dir>', 'where to write', 'demo')
    .addOption(json())
    .action((flags: { out: string; json?: boolean }) => choose(flags.json, (context) => runDemo(context, flags)));
  program
    .command('info <video>')
    .description('codec, size, frames, timing, rotation, HDR, audio')
    .addOption(json())
    .action((video: string, flags: { json?: boolean }) => choose(flags.json, (context) => runInfo(context, video)));
  addTrack(program, choose, json());
  addSegment(program, choose, json());
  addOutputs(program, choose, json);
  addDatasetVerbs(program, choose, json);
  addReports(program, choose, json);
  program
    .command('sessions [folder]')
    .description('saved sessions of the library folder')
    .addOption(json())
    .action((folder: string | undefined, flags: { json?: boolean }) =>
      choose(flags.json, (context) => runSessions(context, folder ?? null)),
    );
  program
    .command('review <session>')
    .description('frames that deserve a look, worst first')
    .option('--filter <text>', 'only some: object:Ball presence<0.5 reason:swap state:unreviewed frame:100-200', '')
    .addOption(json())
    .action((session: string, flags: ReviewFlags & { json?: boolean }) =>
      choose(flags.json, (context) => runReview(context, session, flags)),
    );
  program
    .command('doctor')
    .description('ffmpeg, devices, packs, folders and disk on this machine')
    .addOption(json())
    .action((flags: { json?: boolean }) => choose(flags.json, (context) => runDoctor(context)));
  addServe(program, choose, json());
  return program;
}

function addServe(program: Command, choose: Choose, json: Option): void {
  program
    .command('serve')
    .description('the studio in a browser, on this machine')
    .argument('[files...]', 'videos or sessions to open in it, each in a tab of its own')
    .option('--port <number>', 'port to listen on (0: any free one)', '0')
    .option(
      '--address <ip>',
      'address to listen on; anything but loopback lets other machines try the key',
      '127.0.0.1',
    )
    .option('--open', 'open it in the browser')
    .addOption(json)
    .action((files: string[], flags: ServeFlags & { json?: boolean }) =>
      choose(flags.json, (context) => runServe(context, files, flags)),
    );
}

function addTrack(program: Command, choose: Choose, json: Option): void {
  const collect = (value: string, previous: string[]) => [...previous, value];
  program
    .command('track <video>')
    .description('track objects through a video file or a folder of images')
    .option('--session <file>', 'session file to make or continue (default: in the library folder)')
    .option('--text <phrase>', 'find every instance of a phrase (repeatable)', collect, [])
    .option('--point <obj:frame:x,y[,-]>', 'a point on (or, with -, off) an object (repeatable)', collect, [])
    .option('--box <obj:frame:x,y,w,h>', 'a box around an object (repeatable)', collect, [])
    .option('--mask <obj:frame:png>', "an object's mask as PNG (repeatable)", collect, [])
    .option('--prompts <file>', 'prompts as JSON')
    .option('--range <a:b>', 'frames to track, both ends included')
    .addOption(
      new Option('--direction <way>', 'which way to track').choices(['both', 'forward', 'backward']).default('both'),
    )
    .option('--pack <id|folder>', 'model pack (default: the built-in one)')
    .option('--device <name>', 'cpu, auto, cuda, dml, coreml, webgpu', 'cpu')
    .addOption(
      new Option('--policy <name>', 'guards on, or exactly as published')
        .choices(['studio', 'reference'])
        .default('studio'),
    )
    .addOption(new Option('--memory <name>', 'memory policy').choices(['standard', 'selective', 'kalman']))
    .option('--resume', 'continue the interrupted run of this session')
    .addOption(json)
    .action((video: string, flags: TrackFlags & { json?: boolean }) =>
      choose(flags.json, (context) => runTrack(context, video, flags)),
    );
}

function addSegment(program: Command, choose: Choose, json: Option): void {
  const collect = (value: string, previous: string[]) => [...previous, value];
  program
    .command('segment <image|video>')
    .description('masks of one picture or frame, with any pack, also those that cannot track')
    .requiredOption('--out <png>', 'mask to write; NAME-ID.png for several objects')
    .option(
      '--point <x,y[,-]>',
      'a point on (or, with -, off) object 1, or obj:frame:x,y[,-] (repeatable)',
      collect,
      [],
    )
    .option('--box <x,y,w,h>', 'a box around object 1, or obj:frame:x,y,w,h (repeatable)', collect, [])
    .option('--mask <obj:frame:png>', "an object's mask as PNG (repeatable)", collect, [])
    .option('--text <phrase>', 'every instance of a phrase instead', collect, [])
    .option('--frame <index>', 'frame of a video', '0')
    .option('--session <file>', 'keep prompts and masks there; prompts of a later call correct the answer')
    .option('--pack <id|folder>', 'model pack (default: the built-in one)')
    .option('--device <name>', 'cpu, auto, cuda, dml, coreml, webgpu', 'cpu')
    .option('--overwrite', 'replace an existing file')
    .addOption(json)
    .action((path: string, flags: SegmentFlags & { json?: boolean }) =>
      choose(flags.json, (context) => runSegment(context, path, flags)),
    );
}

function addOutputs(program: Command, choose: Choose, json: () => Option): void {
  const render = program.command('render <session>').description('annotated video with the source’s timing and audio');
  addRenderOptions(render)
    .addOption(json())
    .action((session: string, flags: RenderFlags & { json?: boolean }) =>
      choose(flags.json, (context) => runRender(context, session, flags)),
    );
}
