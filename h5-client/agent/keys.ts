import type { InkTool } from '../shared/ink/tools.ts'

/** What a key may mean, given what is going on. */
export type KeyContext = {
  readonly ringing: boolean
  /** A call that is not over. */
  readonly live: boolean
  /** A frozen page is on the stage. */
  readonly page: boolean
  /** The camera's picture is on the stage. */
  readonly picture: boolean
  /** Something on the stage can be drawn on: a page, or the moving picture itself. */
  readonly ink?: boolean
}

export type Command =
  | { readonly kind: 'answer' | 'decline' | 'hang-up' | 'mute' | 'send-code' | 'freeze' | 'live' | 'read-text' }
  | { readonly kind: 'hold' | 'keypad' | 'transfer' | 'swap' | 'connect' }
  | { readonly kind: 'undo' | 'redo' | 'clear' | 'previous-page' | 'next-page' | 'no-tool' }
  | { readonly kind: 'tool'; readonly tool: InkTool }
  | { readonly kind: 'colour'; readonly index: number }

export type Keystroke = {
  readonly key: string
  readonly ctrl: boolean
  readonly shift: boolean
  readonly alt: boolean
}

/** The drawing tools in the order of the bar, each with its key; the letters leave those of the voice alone. */
export const TOOL_KEYS: readonly (readonly [key: string, tool: InkTool])[] = [
  ['p', 'pen'],
  ['h', 'highlighter'],
  ['d', 'line'],
  ['a', 'arrow'],
  ['n', 'number'],
  ['s', 'shape'],
  ['c', 'circle'],
  ['b', 'box'],
  ['t', 'text'],
  ['k', 'pointer'],
]
export const STAMP_KEYS: readonly (readonly [key: string, tool: InkTool])[] = [
  ['w', { stamp: 'warning' }],
  ['g', { stamp: 'press' }],
  ['y', { stamp: 'tick' }],
  ['x', { stamp: 'cross' }],
  [',', { stamp: 'turn-left' }],
  ['.', { stamp: 'turn-right' }],
]
export const ERASER_KEY = 'e'
const TOOLS: ReadonlyMap<string, InkTool> = new Map([...TOOL_KEYS, ...STAMP_KEYS, [ERASER_KEY, 'eraser']])

function onPage(key: string): Command | undefined {
  const tool = TOOLS.get(key)
  if (tool) return { kind: 'tool', tool }
  if (/^[1-4]$/.test(key)) return { kind: 'colour', index: Number(key) - 1 }
  switch (key) {
    case 'delete':
      return { kind: 'clear' }
    case 'o':
      return { kind: 'read-text' }
    case 'l':
      return { kind: 'live' }
    case 'escape':
      return { kind: 'no-tool' }
    default:
      return undefined
  }
}

/** Both ways of saying redo: that of Windows, and that of everybody else. */
function withControl(stroke: Keystroke, key: string): Command | undefined {
  if (key === 'z') return { kind: stroke.shift ? 'redo' : 'undo' }
  return key === 'y' && !stroke.shift ? { kind: 'redo' } : undefined
}

/** With Shift: what the other side of the line notices. */
const VOICE_KEYS: ReadonlyMap<string, Command> = new Map([
  ['h', { kind: 'hang-up' }],
  ['l', { kind: 'hold' }],
  ['d', { kind: 'keypad' }],
  ['x', { kind: 'transfer' }],
  ['w', { kind: 'swap' }],
  ['c', { kind: 'connect' }],
])

function onLiveCall(stroke: Keystroke, key: string): Command | undefined {
  if (stroke.shift) return VOICE_KEYS.get(key)
  switch (key) {
    case 'm':
      return { kind: 'mute' }
    case 'v':
      return { kind: 'send-code' }
    case '[':
      return { kind: 'previous-page' }
    case ']':
      return { kind: 'next-page' }
    default:
      return undefined
  }
}

/**
 * The command of a keystroke, or undefined. The letter A answers while the desk is free and draws arrows on a
 * page: both can never be meant at once. Hanging up wants Shift, because a slip of the finger ends a call.
 */
export function commandOf(stroke: Keystroke, context: KeyContext): Command | undefined {
  if (stroke.alt) return undefined
  const key = stroke.key.toLowerCase()
  if (stroke.ctrl) return context.page || context.ink ? withControl(stroke, key) : undefined
  if (!context.live) {
    if (!context.ringing || stroke.shift) return undefined
    if (key === 'enter' || key === 'a') return { kind: 'answer' }
    return key === 'd' ? { kind: 'decline' } : undefined
  }
  if ((context.page || context.ink) && !stroke.shift) {
    const command = onPage(key)
    if (command) return command
  }
  if (key === 'f' && context.picture && !stroke.shift) return { kind: 'freeze' }
  return onLiveCall(stroke, key)
}
