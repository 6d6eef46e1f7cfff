const KEY = 'tongping-joined'

export type JoinedNote = { readonly path: string; readonly sending: boolean }

/** A note to this tab's own next load: "you were in a call here". The right to go on is the cookie, not this note. */
export const joinedNote = {
  write(note: JoinedNote): void {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(note))
    } catch {
      // Without storage a reload of a used link asks the server anyway.
    }
  },
  clear(): void {
    try {
      sessionStorage.removeItem(KEY)
    } catch {
      // Nothing was written either.
    }
  },
  read(): JoinedNote | undefined {
    try {
      return (JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as JoinedNote | null) ?? undefined
    } catch {
      return undefined
    }
  },
}
