import { type Command, Option } from 'commander';
import {
  datasetFormatSchema,
  datasetShapeSchema,
  overlapPolicySchema,
  pictureKindSchema,
} from '../../../src-shared/contract/dataset-schemas.ts';
import type { Choose } from './verb-context.ts';
import { type ExportFlags, runExport } from './verbs/export.ts';
import { type ImportFlags, runImport } from './verbs/import.ts';

const EXPORT_HELP = `
Formats:
  png           one black and white picture per object and frame
  davis         one palette picture per frame, the index is the object
  youtube-vos   palette pictures with meta.json in YouTube-VOS folders
  csv           measurements: box, area, centroid, speed, every score
  coco          COCO instances, one image a frame (--shape mask, polygon or box)
  youtube-vis   YouTube-VIS, also called COCO-video
  sa-v          SA-V annotations (JSON)
  yolo-seg      YOLO segmentation        yolo-box      YOLO detection
  mot           MOTChallenge boxes       mots-txt, mots-png   MOTS
  cvat-video    CVAT for video 1.1 (--shape mask, polygon or box)
  label-studio  Label Studio video tracking
  labelme       labelme JSON per frame (--shape polygon, mask or box)
  sam3-train    folder and configuration for SAM 3's own fine-tuning (docs/training.md)

Examples:
  masklet export match.masklet --format coco --out coco --images jpg --val 0.2
  masklet export match.masklet --format yolo-seg --out yolo --tolerance 0.5 --step 5 --class 1=player --class 2=player
  masklet export match.masklet --format cvat-video --out cvat --shape polygon
  masklet export match.masklet --format mots-png --out mots --overlap topmost --objects 1,2
  masklet export match.masklet --format yolo-seg --out yolo --dry-run

What a format cannot hold is listed before anything is written. The folder appears complete and read back, or not at all; frames.csv and
provenance.json lie beside every dataset.`;

const IMPORT_HELP = `
Every track of the dataset becomes a new object of the session; what cannot be read is counted and told. As prompts, masks and boxes condition
tracking; as truth they are final results that nothing tracks again.

Examples:
  masklet import yolo/ --session match.masklet
  masklet import annotations.xml --video match.mp4 --session match.masklet --step 30
  masklet import runs/detect/predict/labels --video next.mp4 --session next.masklet --first-frame 1
  masklet import Annotations/480p/bear --format davis --video bear.mp4 --session bear_truth.masklet --as truth`;

/** `export` and `import`. */
export function addDatasetVerbs(program: Command, choose: Choose, json: () => Option): void {
  const collect = (value: string, previous: string[]) => [...previous, value];
  program
    .command('export <session>')
    .description('masks as a dataset: COCO, YOLO, DAVIS, MOT, CVAT and others, each read back before it is done')
    .addOption(new Option('--format <name>', 'layout').choices(datasetFormatSchema.options).makeOptionMandatory())
    .requiredOption('--out <dir>', 'folder to make')
    .option('--range <a:b>', 'frames to export, both ends included')
    .option('--step <n>', 'every n-th frame of the range')
    .option('--objects <ids>', 'only these objects, for example 1,2,5')
    .option('--classes <names>', 'only these classes, numbered in this order, for example player,"red, ball"')
    .option('--class <id=name>', "an object's class for this export (repeatable)", collect, [])
    .option('--only-reviewed', 'only masks that a person made or accepted')
    .addOption(new Option('--shape <kind>', 'what stands for an object').choices(datasetShapeSchema.options))
    .addOption(
      new Option(
        '--overlap <policy>',
        'where masks overlap (default: keep, or score where a format keeps one object a pixel)',
      ).choices(overlapPolicySchema.options),
    )
    .option('--tolerance <pixels>', 'how far polygons may leave the outline; 0 is exact (default: 1)')
    .option('--val <share>', 'share of the frames, from the end, for validation, for example 0.2')
    .addOption(new Option('--images <kind>', 'write the frames too').choices(pictureKindSchema.options))
    .option('--dry-run', 'only list what would be lost')
    .option('--overwrite', 'replace an existing export')
    .addOption(json())
    .addHelpText('after', EXPORT_HELP)
    .action((session: string, flags: ExportFlags & { json?: boolean }) =>
      choose(flags.json, (context) => runExport(context, session, flags)),
    );
  program
    .command('import <dataset>')
    .description('masks and boxes of a dataset into a session, as prompts or as truth')
    .option('--session <file>', 'session to add to, or to make')
    .option('--video <file>', 'the video, when the session is new')
    .addOption(new Option('--format <name>', 'layout (default: recognised)').choices(datasetFormatSchema.options))
    .addOption(new Option('--as <purpose>', 'what they become').choices(['prompts', 'truth']).default('prompts'))
    .option('--first-frame <n>', 'what the dataset calls the first frame (default: 0)')
    .option('--range <a:b>', 'only frames a to b')
    .option('--step <n>', 'only every n-th frame of the range')
    .addOption(json())
    .addHelpText('after', IMPORT_HELP)
    .action((dataset: string, flags: ImportFlags & { json?: boolean }) =>
      choose(flags.json, (context) => runImport(context, dataset, flags)),
    );
}
