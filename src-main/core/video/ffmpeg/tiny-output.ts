/** Cuts each frame to 2x2, so that what comes behind it costs nothing. */
export const TINY_CROP = "crop=w='min(2,iw)':h='min(2,ih)':x=0:y=0:exact=1";

/**
 * Output of a pass that only looks at frames: tiny ones, each sent at once. ffmpeg ends when nobody is left to read them; one that writes
 * nowhere would go on to the end of the video after this process was killed (it takes no notice of a broken stderr).
 */
export const TINY_OUTPUT = ['-c:v', 'rawvideo', '-flush_packets', '1', '-f', 'rawvideo', 'pipe:1'];
