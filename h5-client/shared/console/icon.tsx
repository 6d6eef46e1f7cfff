/** 20 × 20 strokes; a word always stands beside them or in the label of the button. */
const PATHS = {
  phone:
    'M5 3.5 7.5 3l1.7 4-2 1.5a10 10 0 0 0 4.3 4.3l1.5-2 4 1.7-.5 2.5a2 2 0 0 1-2 1.5C9 16.5 3.5 11 3.5 5.5A2 2 0 0 1 5 3.5Z',
  'phone-off': 'M2.5 11.5c4.5-4 10.5-4 15 0l-1.7 2.3-3-1.2-.3-2a10 10 0 0 0-5 0l-.3 2-3 1.2Z',
  mic: 'M10 3a2.2 2.2 0 0 1 2.2 2.2v4.6a2.2 2.2 0 0 1-4.4 0V5.2A2.2 2.2 0 0 1 10 3ZM5 9.5a5 5 0 0 0 10 0M10 14.5V17',
  'mic-off':
    'M10 3a2.2 2.2 0 0 1 2.2 2.2v4.6a2.2 2.2 0 0 1-4.4 0V5.2A2.2 2.2 0 0 1 10 3ZM5 9.5a5 5 0 0 0 10 0M10 14.5V17M3.5 3.5l13 13',
  keypad: 'M5 4.5v.1M10 4.5v.1M15 4.5v.1M5 8.5v.1M10 8.5v.1M15 8.5v.1M5 12.5v.1M10 12.5v.1M15 12.5v.1M10 16.5v.1',
  transfer:
    'M3.5 7.5 5.5 7l1.5 3.2-1.6 1.2a8.5 8.5 0 0 0 3.2 3.2L9.8 13l3.2 1.5-.5 2a1.5 1.5 0 0 1-1.5 1c-4.5-.5-7.5-4-8-8a1.5 1.5 0 0 1 .5-2ZM11 6h6M14 3l3 3-3 3',
  swap: 'M6 4v11M3 7l3-3 3 3M14 16V5M11 13l3 3 3-3',
  join: 'M3 6c5 0 4 4 8 4M3 14c5 0 4-4 8-4h6M14 7l3 3-3 3',
  pen: 'M3 17c3-1 3-5 5.5-6.5S13 13 17 8.5M13 3.5l3 3',
  arrow: 'M4 16 16 4M9 4h7v7',
  circle: 'M10 4.5c4 0 6.5 2.3 6.5 5.5s-2.5 5.5-6.5 5.5S3.5 13.2 3.5 10 6 4.5 10 4.5Z',
  text: 'M4.5 5V4h11v1M10 4v12M8 16h4',
  undo: 'M7 5 3.5 8.5 7 12M4 8.5h7.5a4 4 0 0 1 0 8H9',
  redo: 'M13 5l3.5 3.5L13 12M16 8.5H8.5a4 4 0 0 0 0 8H11',
  line: 'M4 16 16 4',
  highlighter: 'M4 17.5h12M6.8 13.2 6 10.6 12.3 3.8l3.9 3.6-6.3 6.8-2.6-.2ZM8.2 8.4l3.8 3.5',
  number: 'M5 11.8a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM7.4 12.6 16 4M10.5 4H16v5.5',
  shape: 'M3.5 4h6.5v6.5H3.5ZM13.2 9.6a3.6 3.6 0 1 1 0 7.2 3.6 3.6 0 0 1 0-7.2Z',
  box: 'M3.5 5h13v10h-13Z',
  eraser: 'M8.5 16.5H16M4 12l7.3-7.8 5 4.6-7 7.7H7.4ZM7.6 8.2l5 4.6',
  pointer:
    'M10 8.3a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4ZM10 3v2M10 15v2M3 10h2M15 10h2M5.2 5.2l1.3 1.3M13.5 13.5l1.3 1.3M14.8 5.2l-1.3 1.3M6.5 13.5l-1.3 1.3',
  'turn-left': 'M14 17v-5.5A3.5 3.5 0 0 0 10.5 8H4M8 4 4 8l4 4',
  'turn-right': 'M6 17v-5.5A3.5 3.5 0 0 1 9.5 8H16M12 4l4 4-4 4',
  press:
    'M8.2 11V6.3a1.4 1.4 0 0 1 2.8 0V10l3.7.9a1.6 1.6 0 0 1 1.2 1.6c0 1.9-.5 2.9-1.1 4.5H9L5.7 12.8c-.6-1 .5-1.8 1.3-1.2ZM5.8 6a3.9 3.9 0 0 1 7.6 0',
  clear: 'M4 6h12M8 6V4h4v2M5.5 6l.7 10h7.6l.7-10M8.5 9v4.5M11.5 9v4.5',
  freeze: 'M3 7h3l1.5-2h5L14 7h3v9H3ZM10 8.7a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2Z',
  live: 'M4 5.5h8.5v9H4ZM12.5 9l3.5-2.5v7L12.5 11',
  copy: 'M7 7h9v9H7ZM4 13V4h9',
  send: 'M3 10 17 4l-4 13-3.5-5.5Zm6.5 1.5L17 4',
  read: 'M4 7V4h3M13 4h3v3M16 13v3h-3M7 16H4v-3M7 8h6M7 10.5h6M7 13h4',
  play: 'M6 4.5v11l9-5.5Z',
  pause: 'M6.5 4.5v11M13.5 4.5v11',
  check: 'M4 10.5 8 14.5 16 5.5',
  cross: 'M5 5l10 10M15 5 5 15',
  warn: 'M10 3.5 17.5 16.5h-15ZM10 8v4M10 14.2v.3',
  search: 'M8.5 3.5a5 5 0 1 1 0 10 5 5 0 0 1 0-10ZM12.5 12.5 17 17',
  eye: 'M2.5 10S5 5 10 5s7.5 5 7.5 5-2.5 5-7.5 5-7.5-5-7.5-5ZM10 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4Z',
  wide: 'M4 8V4h4M16 12v4h-4M4 4l5 5M16 16l-5-5',
  photo: 'M3.5 5h13v10h-13ZM3.5 13l3.5-3.5 3 3 2.5-2.5 4 4M13 7.6v.1',
  inbox: 'M3.5 11.5 6 4.5h8l2.5 7v4h-13ZM3.5 11.5H7l1 2h4l1-2h3.5',
  card: 'M3.5 4.5h13v11h-13ZM6 8h8M6 10.5h8M6 13h4',
  link: 'M8.5 11.5a3 3 0 0 0 4.2 0l3-3a3 3 0 0 0-4.2-4.2l-1 1M11.5 8.5a3 3 0 0 0-4.2 0l-3 3a3 3 0 0 0 4.2 4.2l1-1',
  'frame-back': 'M12.5 5v10L6 10ZM15 5v10',
  'frame-forward': 'M7.5 5v10L14 10ZM5 5v10',
  'event-back': 'M10 5.5 5.5 10l4.5 4.5M15 5.5 10.5 10l4.5 4.5',
  'event-forward': 'M10 5.5 14.5 10 10 14.5M5 5.5 9.5 10 5 14.5',
  comment: 'M3.5 4.5h13v9h-7L6 16.5v-3H3.5Z',
  print: 'M6 7V3.5h8V7M6 13.5H3.5V7h13v6.5H14M6 11h8v5.5H6Z',
  download: 'M10 3.5v9M6 9l4 4 4-4M4 16.5h12',
} as const
export type IconName = keyof typeof PATHS

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        stroke-width="1.6"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  )
}
