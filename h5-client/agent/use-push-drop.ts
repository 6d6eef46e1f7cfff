import { useEffect, useState } from 'preact/hooks'
import type { Desk } from './desk.ts'
import { isTyping } from './use-keys.ts'

function fileOf(data: DataTransfer | null): File | undefined {
  return data?.files[0]
}

/**
 * Files dropped anywhere on the workbench, and pictures pasted, go into the drawer, where the agent sees them first: a
 * slip of the hand must not show anything to the caller.
 * @returns whether a file is being dragged over the page
 */
export function usePushDrop(desk: Desk, offered: boolean): boolean {
  const [dragging, setDragging] = useState(false)
  useEffect(() => {
    // A file dropped beside its mark would otherwise replace the workbench, in mid-call.
    const over = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return
      event.preventDefault()
      event.dataTransfer.dropEffect = offered ? 'copy' : 'none'
      if (offered) setDragging(true)
    }
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setDragging(false)
    }
    const drop = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return
      event.preventDefault()
      setDragging(false)
      const file = fileOf(event.dataTransfer)
      if (offered && file) desk.push.offer(file)
    }
    const paste = (event: ClipboardEvent) => {
      const file = fileOf(event.clipboardData)
      // Text pasted into a field stays text, even where the clipboard holds a picture of it as well.
      if (!offered || !file || (isTyping(event.target) && event.clipboardData?.types.includes('text/plain'))) return
      event.preventDefault()
      desk.push.offer(file)
    }
    addEventListener('dragover', over)
    addEventListener('dragleave', leave)
    addEventListener('drop', drop)
    addEventListener('paste', paste)
    return () => {
      removeEventListener('dragover', over)
      removeEventListener('dragleave', leave)
      removeEventListener('drop', drop)
      removeEventListener('paste', paste)
    }
  }, [desk, offered])
  return dragging
}
