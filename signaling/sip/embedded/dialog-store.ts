import { type AppClient, isSameApplication } from './app-client.ts'
import type { Dialog } from './dialog.ts'
import { tagOf } from './name-addr.ts'
import type { SipRequest } from './sip-message.ts'

/** All dialogs, found by the application's id or by the tags of a peer's request. */
export class DialogStore {
  readonly #byId = new Map<string, Dialog>()
  readonly #byLocalTag = new Map<string, Dialog>()
  readonly #calls = new Set<Dialog>()

  get size(): number {
    return this.#byLocalTag.size
  }

  /** Dialogs that are calls. */
  get calls(): number {
    return this.#calls.size
  }

  add(dialog: Dialog): void {
    if (dialog.method === 'INVITE') this.#calls.add(dialog)
    this.#byId.set(dialog.id, dialog)
    this.#byLocalTag.set(localKey(dialog.callId, dialog.localTag), dialog)
  }

  byId(id: string): Dialog | undefined {
    return this.#byId.get(id)
  }

  /** The dialog a request of a peer belongs to; undefined also when the peer's tag is not the one we know. */
  match(request: SipRequest): Dialog | undefined {
    const dialog = this.#byLocalTag.get(localKey(request.callId, tagOf(request.get('to'))))
    if (dialog === undefined) return undefined
    const remoteTag = tagOf(request.get('from'))
    if (dialog.remoteTag === undefined || dialog.remoteTag === remoteTag) return dialog
    // Every branch of a forked INVITE may speak until one has answered.
    return dialog.state === 'early' && dialog.branches.has(remoteTag) ? dialog : undefined
  }

  /** Gives the dialogs of an application that has gone to its new connection. */
  takeOver(client: AppClient): void {
    for (const dialog of this.#byId.values()) {
      if (!dialog.client.open && isSameApplication(dialog.client, client)) dialog.client = client
    }
  }

  remove(dialog: Dialog): void {
    dialog.end()
    this.#calls.delete(dialog)
    // Forks of one INVITE share the application's id (drachtio's model): only the owner's entry may go.
    if (this.#byId.get(dialog.id) === dialog) this.#byId.delete(dialog.id)
    const key = localKey(dialog.callId, dialog.localTag)
    if (this.#byLocalTag.get(key) === dialog) this.#byLocalTag.delete(key)
  }

  close(): void {
    for (const dialog of [...this.#byLocalTag.values()]) this.remove(dialog)
  }
}

function localKey(callId: string, localTag: string): string {
  return `${callId} ${localTag}`
}
