/** Suffix of a session file in the library folder. */
export const SESSION_EXTENSION = '.masklet';
/** `MSKL`: SQLite's application_id of every session, so that a file is recognised whatever its name. */
export const SESSION_APPLICATION_ID = 0x4d534b4c;
/** Measured: 8 KiB pages make a session of RLE masks about a quarter smaller than 4 KiB ones. */
export const SESSION_PAGE_SIZE = 8192;
/** Object ids fill the low 16 bits of a mask's row id. */
export const MAX_OBJECT_ID = 65_535;
/** Frame indices fill the bits above; 37 bits keep the row id exact as a JavaScript number. */
export const MAX_FRAME_INDEX = 2 ** 37 - 1;
