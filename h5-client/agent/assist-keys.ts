import type { Keystroke } from './keys.ts'

export type AssistKeyContext = {
  /** A call that is not over. */
  readonly live: boolean
  /** A page with a picture is on the stage. */
  readonly picture: boolean
  /** It is looked at closely. */
  readonly zoomed: boolean
  /** A part of it is dragged out or about to be, or a place to focus on is being chosen. */
  readonly region: boolean
}

export type AssistCommand =
  | { readonly kind: 'press'; readonly button: string }
  | { readonly kind: 'zoom'; readonly to: 'in' | 'out' | 'whole' }
  | { readonly kind: 'pan'; readonly dx: -1 | 0 | 1; readonly dy: -1 | 0 | 1 }
  | { readonly kind: 'unselect' }

const press = (button: string): AssistCommand => ({ kind: 'press', button })
const ARROWS: Readonly<Record<string, AssistCommand>> = {
  arrowleft: { kind: 'pan', dx: 1, dy: 0 },
  arrowright: { kind: 'pan', dx: -1, dy: 0 },
  arrowup: { kind: 'pan', dx: 0, dy: 1 },
  arrowdown: { kind: 'pan', dx: 0, dy: -1 },
}
/** With Shift: what reaches out of this desk to the phone or to other people. */
const SHIFTED: Readonly<Record<string, string>> = {
  t: 'torch',
  s: 'hold-still',
  f: 'focus',
  g: 'guest',
  k: 'card-shutter',
}

/**
 * Keys of reading, codes, documents, zoom and the phone's camera, beside those of `keys.ts`; undefined when a stroke
 * means nothing here. Plus stands on Shift on many keyboards, so Shift is not asked for there.
 */
export function assistCommandOf(stroke: Keystroke, context: AssistKeyContext): AssistCommand | undefined {
  if (!context.live || stroke.ctrl || stroke.alt) return undefined
  const key = stroke.key.toLowerCase()
  if (context.picture) {
    if (key === '+' || key === '=') return { kind: 'zoom', to: 'in' }
    if (key === '-' || key === '_') return { kind: 'zoom', to: 'out' }
    if (key === '0') return { kind: 'zoom', to: 'whole' }
    const arrow = ARROWS[key]
    if (arrow && context.zoomed) return arrow
  }
  if (stroke.shift) {
    const button = SHIFTED[key]
    return button ? press(button) : undefined
  }
  if (key === 'z') return press('wide')
  if (key === 'q') return press(context.picture ? 'read-codes' : 'scan-codes')
  if (key === 'escape' && context.region) return { kind: 'unselect' }
  if (!context.picture) return undefined
  if (key === 'r') return press('region')
  return key === 'i' ? press('read-document') : undefined
}
