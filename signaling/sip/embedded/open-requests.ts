import type { AppClient } from './app-client.ts'
import type { Dialog } from './dialog.ts'
import type { ReliableProvisionals } from './reliable-provisionals.ts'
import type { ServerTransaction } from './server-transaction.ts'
import type { Timer } from './timer-set.ts'

/** A request of a peer that an application has to answer. */
export type OpenRequest = {
  readonly transaction: ServerTransaction
  readonly client: AppClient
  dialog: Dialog | undefined
  /** Our tag, fixed by the first response. */
  toTag: string | undefined
  /** UPDATE that came before the INVITE was answered: it is answered under the same id, told apart by its CSeq. */
  update: ServerTransaction | undefined
  reliable: ReliableProvisionals | undefined
  giveUp: Timer | undefined
  /** The application has answered 2xx, which waits for a PRACK. */
  held: boolean
}

/** Requests by the transaction id that the application was given. */
export class OpenRequests {
  readonly #byId = new Map<string, OpenRequest>()

  open(transaction: ServerTransaction, client: AppClient, dialog: Dialog | undefined): OpenRequest {
    const request: OpenRequest = {
      transaction,
      client,
      dialog,
      toTag: undefined,
      update: undefined,
      reliable: undefined,
      giveUp: undefined,
      held: false,
    }
    this.#byId.set(transaction.id, request)
    transaction.onTerminated = () => this.close(request)
    return request
  }

  get(transactionId: string): OpenRequest | undefined {
    return this.#byId.get(transactionId)
  }

  close(request: OpenRequest): void {
    request.giveUp?.cancel()
    request.reliable?.cancel()
    if (this.#byId.get(request.transaction.id) === request) this.#byId.delete(request.transaction.id)
  }

  /** INVITEs that have made no dialog yet. */
  get newCalls(): number {
    let count = 0
    for (const request of this.#byId.values()) if (request.transaction.isInvite && request.dialog === undefined) count++
    return count
  }

  ofClient(client: AppClient): OpenRequest[] {
    return [...this.#byId.values()].filter(request => request.client === client)
  }
}
