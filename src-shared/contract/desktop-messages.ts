import { z } from 'zod';

/** What the page may say to the window's host, and what the host says back: small facts, never frames or masks. */
const path = z.string().min(1).max(4096);
const text = z.string().max(500);

/** One entry of the window's menu: a command of the page, as data. */
const menuItemSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,60}$/),
  title: z.string().min(1).max(120),
  /** `Mod+Shift+z`, as commands name keys; null: none. */
  keys: z.string().max(40).nullable(),
  enabled: z.boolean(),
});
const menuSchema = z
  .array(z.strictObject({ title: z.string().min(1).max(60), items: z.array(menuItemSchema).max(80) }))
  .max(20);

/** Said by the page; nothing is answered. */
export const pageReportSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('menu'), menu: menuSchema }),
  /** `share` from 0 to 1; null: nobody knows how much is left. `job: null`: nothing runs. */
  z.strictObject({
    kind: z.literal('job'),
    job: z.strictObject({ share: z.number().min(0).max(1).nullable() }).nullable(),
  }),
  z.strictObject({ kind: z.literal('finished'), title: text, body: text }),
  /** What is on the desk; null: nothing. `title`: of the window. */
  z.strictObject({ kind: z.literal('opened'), path: path.nullable(), title: text }),
]);

/** What a native dialog is asked for. */
export const pathWishSchema = z.strictObject({
  kind: z.enum(['media', 'picture-folder', 'output-folder']),
  title: text,
  /** Where the dialog starts. */
  start: path.nullable(),
});

export const folderWishSchema = path.nullable();

export type PageReport = z.infer<typeof pageReportSchema>;
export type DesktopMenu = z.infer<typeof menuSchema>;
export type PathWish = z.infer<typeof pathWishSchema>;
