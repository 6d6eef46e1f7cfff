/**
 * Puts text on the clipboard; must run inside a tap. Older in-app browsers (WeChat) have no clipboard of their own and
 * copy only what is selected, so that way follows. False: the person has to copy by hand.
 */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copySelected(text)
  }
}

function copySelected(text: string): boolean {
  const field = document.createElement('textarea')
  field.value = text
  // Read-only keeps the keyboard of iOS down; the size keeps it from zooming in.
  field.readOnly = true
  field.style.cssText = 'position:fixed;top:0;left:0;opacity:0;font-size:16px'
  document.body.append(field)
  const focused = document.activeElement
  try {
    field.select()
    field.setSelectionRange(0, text.length)
    return document.execCommand('copy')
  } catch {
    return false
  } finally {
    field.remove()
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true })
  }
}

/** Marks the text of an element, so that one press of the phone's own "copy" is left to do. */
export function selectText(element: Node): void {
  const range = document.createRange()
  range.selectNodeContents(element)
  const selection = getSelection()
  selection?.removeAllRanges()
  selection?.addRange(range)
}
