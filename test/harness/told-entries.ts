import type { BrowserContext } from 'playwright-core'

export type ToldEntry = { readonly seq: number; readonly type: string }

/** Collects, from the WebSocket frames themselves, every journal entry that the pages of a browser are told. */
export function entriesToldTo(context: BrowserContext): readonly ToldEntry[] {
  const told: ToldEntry[] = []
  context.on('page', page => page.on('websocket', listen))
  for (const page of context.pages()) page.on('websocket', listen)
  return told

  function listen(socket: {
    on(event: 'framereceived', handler: (frame: { payload: string | Buffer }) => void): unknown
  }): void {
    socket.on('framereceived', ({ payload }) => collect(JSON.parse(payload.toString())))
  }
  function collect(value: unknown): void {
    if (typeof value !== 'object' || value === null) return
    if ('entries' in value && Array.isArray(value.entries)) told.push(...value.entries)
    for (const inner of Object.values(value)) if (!Array.isArray(inner)) collect(inner)
  }
}
