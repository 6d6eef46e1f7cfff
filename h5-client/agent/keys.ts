export type Tool = 'pen' | 'arrow' | 'circle' | 'text'

/** What a key may mean, given what is going on. */
export type KeyContext = {
  readonly ringing: boolean
  /** A call that is not over. */
  readonly live: boolean
  /** A frozen page is on the stage. */
  readonly page: boolean
  /** The camera's picture is on the stage. */
  readonly picture: boolean
}

export type Command =
  | { readonly kind: 'answer' | 'decline' | 'hang-up' | 'mute' | 'send-code' | 'freeze' | 'live' | 'read-text' }
  | { readonly kind: 'undo' | 'clear' | 'previous-page' | 'next-page' | 'no-tool' }
  | { readonly kind: 'tool'; readonly tool: Tool }
  | { readonly kind: 'colour'; readonly index: number }

export type Keystroke = {
  readonly key: string
  readonly ctrl: boolean
  readonly shift: boolean
  readonly alt: boolean
}

const TOOLS: Readonly<Record<string, Tool>> = { p: 'pen', a: 'arrow', c: 'circle', t: 'text' }

function onPage(key: string): Command | undefined {
  const tool = TOOLS[key]
  if (tool) return { kind: 'tool', tool }
  if (/^[1-5]$/.test(key)) return { kind: 'colour', index: Number(key) - 1 }
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

function onLiveCall(stroke: Keystroke, key: string): Command | undefined {
  if (stroke.shift) return key === 'h' ? { kind: 'hang-up' } : undefined
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
  if (stroke.ctrl) return key === 'z' && context.page ? { kind: 'undo' } : undefined
  if (!context.live) {
    if (!context.ringing || stroke.shift) return undefined
    if (key === 'enter' || key === 'a') return { kind: 'answer' }
    return key === 'd' ? { kind: 'decline' } : undefined
  }
  if (context.page && !stroke.shift) {
    const command = onPage(key)
    if (command) return command
  }
  if (key === 'f' && context.picture && !stroke.shift) return { kind: 'freeze' }
  return onLiveCall(stroke, key)
}
