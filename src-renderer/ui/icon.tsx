/** Our own icons on a 20 x 20 grid, drawn with one stroke weight. */
const PATHS = {
  play: 'M6 4.2v11.6L15.5 10z',
  pause: 'M6.5 4.5v11M13.5 4.5v11',
  'step-back': 'M13.5 5 7 10l6.5 5zM5 5v10',
  'step-forward': 'M6.5 5l6.5 5-6.5 5zM15 5v10',
  first: 'M15 5l-6 5 6 5zM5 5v10M9 10h0',
  last: 'M5 5l6 5-6 5zM15 5v10',
  undo: 'M7 4 3.5 7.5 7 11M3.5 7.5H12a4.5 4.5 0 0 1 0 9H8.5',
  redo: 'M13 4l3.5 3.5L13 11M16.5 7.5H8a4.5 4.5 0 0 0 0 9h3.5',
  plus: 'M10 4v12M4 10h12',
  minus: 'M4 10h12',
  close: 'M5 5l10 10M15 5 5 15',
  check: 'M4 10.5 8.2 15 16 5.5',
  export: 'M10 3v9.5M6 6.5 10 3l4 3.5M4 11.5V16h12v-4.5',
  search: 'M8.8 14.1a5.3 5.3 0 1 0 0-10.6 5.3 5.3 0 0 0 0 10.6zM12.8 12.8 17 17',
  text: 'M4 6V4h12v2M10 4v12M7.5 16h5',
  pointer: 'M5 3.5 15.5 9l-4.7 1.4L9 15.5z',
  target: 'M10 16.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM10 2v4M10 14v4M2 10h4M14 10h4',
  box: 'M4 7V4h3M13 4h3v3M16 13v3h-3M7 16H4v-3',
  hand: 'M6 10V5.5a1.3 1.3 0 0 1 2.6 0V9M8.6 9V4.2a1.3 1.3 0 0 1 2.6 0V9M11.2 9V5.3a1.3 1.3 0 0 1 2.6 0V11M13.8 8.5a1.2 1.2 0 0 1 2.4 0V12c0 3-2 5-5 5-2.4 0-3.6-1-4.8-3L4 10.8c-.5-1 .8-2 1.6-1.2L7 11',
  pencil: 'M4 16l.8-3.400L13.500 4l2.500 2.500-8.600 8.700zM11.800 5.700l2.500 2.500',
  eye: 'M2 10s3-5.5 8-5.5S18 10 18 10s-3 5.5-8 5.5S2 10 2 10zM10 12.3a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6z',
  'eye-off':
    'M3 3l14 14M8 5c.7-.3 1.300-.5 2-.5 5 0 8 5.500 8 5.500s-.9 1.700-2.500 3.200M12.500 15c-.8.300-1.600.5-2.500.5-5 0-8-5.500-8-5.500s1-1.900 2.900-3.500',
  trash: 'M4 6h12M8 6V4h4v2M5.500 6l.7 10h7.600l.7-10',
  settings: 'M3 6h7M14 6h3M3 14h3M10 14h7M12 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM8 16a2 2 0 1 0 0-4 2 2 0 0 0 0 4z',
  keyboard: 'M2.500 5.500h15v9h-15zM5.500 8.500h0M8.500 8.500h0M11.500 8.500h0M14.500 8.500h0M6.500 11.500h7',
  film: 'M3 4h14v12H3zM7 4v12M13 4v12M3 8h4M3 12h4M13 8h4M13 12h4',
  folder: 'M2.500 15.500v-11h5l2 2h8v9z',
  home: 'M3.500 9.500 10 4l6.500 5.500M5.500 8v8h9V8',
  upload: 'M10 13V4M6.500 7.500 10 4l3.500 3.500M3.500 13v3h13v-3',
  warning: 'M10 3.500 17.500 16h-15zM10 8v4M10 14h0',
  info: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 9.500V14M10 6.500h0',
  chip: 'M6 6h8v8H6zM8 3v3M12 3v3M8 14v3M12 14v3M3 8h3M3 12h3M14 8h3M14 12h3',
  'track-both': 'M7 6 3 10l4 4M13 6l4 4-4 4M3 10h14',
  'track-forward': 'M3 10h13M12 6l4 4-4 4',
  'track-backward': 'M17 10H4M8 6l-4 4 4 4',
  'track-one-forward': 'M7 6l4 4-4 4M15 5v10',
  'track-one-backward': 'M13 6 9 10l4 4M5 5v10',
  brush:
    'M16.5 3.500 9 11M9 11l-1.200-.4a2.600 2.600 0 0 0-3.300 2.600c0 1.300-.6 2.100-1.500 2.800 2.600.8 6.200.3 6.500-2.700.1-.8-.1-1.600-.5-2.300z',
  eraser: 'M8.200 16 3.500 11.300l7.300-7.300 5.200 5.200-6.800 6.800zM7 8l5 5M8.200 16H17',
  example: 'M3.500 6V3.500H6M11 3.500h2.500V6M3.500 11v2.500H6M13 10.500v6M10 13.500h6',
  'zoom-object':
    'M8.800 14.100a5.300 5.300 0 1 0 0-10.600 5.300 5.300 0 0 0 0 10.600zM12.800 12.800 17 17M7 8.800h3.600M8.800 7v3.600',
  follow:
    'M10 12.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM10 2.500v2M10 15.500v2M2.500 10h2M15.500 10h2M4.500 4.500h0M15.500 4.500h0M4.500 15.500h0M15.500 15.500h0',
  wipe: 'M3.500 4.500h13v11h-13zM10 3v14M6.500 8.500 5.200 10l1.300 1.500M13.500 8.500l1.300 1.500-1.300 1.500',
  fit: 'M4 8V4h4M12 4h4v4M16 12v4h-4M8 16H4v-4M8 8h4v4H8z',
  stop: 'M5.500 5.500h9v9h-9z',
  copy: 'M7 7h9v9H7zM4 13V4h9',
  command:
    'M7.500 7.500h5v5h-5zM7.500 7.500V5.200a2.200 2.200 0 1 0-2.300 2.300zM12.500 7.500V5.200a2.200 2.200 0 1 1 2.300 2.300zM7.500 12.500v2.300a2.200 2.200 0 1 1-2.300-2.300zM12.500 12.500v2.300a2.200 2.200 0 1 0 2.300-2.300z',
  sparkle: 'M10 3l1.700 5.300L17 10l-5.300 1.700L10 17l-1.700-5.300L3 10l5.300-1.700z',
  chevron: 'M6 8l4 4 4-4',
  back: 'M12 5.500 7.500 10l4.500 4.500',
  forward: 'M8 5.500l4.500 4.500L8 14.500',
  dots: 'M5 10h0M10 10h0M15 10h0',
  globe:
    'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM3 10h14M10 3c2.500 2 3 4.500 3 7s-.5 5-3 7c-2.500-2-3-4.500-3-7s.5-5 3-7z',
} as const;

export type IconName = keyof typeof PATHS;

const FILLED: ReadonlySet<IconName> = new Set(['play', 'stop']);

export function Icon({ name, size = 18 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      className="icon"
      viewBox="0 0 20 20"
      width={size}
      height={size}
      fill={FILLED.has(name) ? 'currentColor' : 'none'}
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
