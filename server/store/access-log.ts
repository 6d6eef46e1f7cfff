import { ChainLog, ChainLogError } from '../../recordings/chain/chain-log.ts'
import { chainDays } from '../../recordings/chain/read-chain-log.ts'
import type { ChainMark, ChainVerdict } from '../../recordings/chain/verify-chain-log.ts'
import type { AuditAction, AuditActor, AuditEntry } from '../../signaling/protocol/audit.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { CallId, UserId } from '../../signaling/protocol/ids.ts'
import { AuditIndex, type AuditSearch } from './audit-index.ts'
import type { Database } from './database.ts'

/** One line of the chain's files. */
export type AuditLine = {
  readonly userId?: UserId
  readonly userName: string
  readonly callId?: CallId
  readonly action: AuditAction
  readonly detail: string
  /** Of a row that was written before the log was a chain: its own time. */
  readonly originallyAt?: string
}

export type AccessLogOptions = {
  readonly db: Database
  /** Where the chain's files lie; they are the truth, the database is an index over them. */
  readonly folder: string
  /** The log lost something, was changed by another hand, or could not be kept. Words without personal data. */
  readonly onTrouble: (reason: string) => void
  /** Wall clock. */
  readonly nowMs?: () => number
}

/**
 * Who did what to records and configuration, when, and for what reason: a hash chain that only grows. An action is
 * written here before it happens; when it cannot be written it must not happen.
 */
export class AccessLog {
  readonly #chain: ChainLog<AuditLine>
  readonly #index: AuditIndex
  readonly #o: AccessLogOptions
  #indexBehind = false

  private constructor(o: AccessLogOptions, chain: ChainLog<AuditLine>) {
    this.#o = o
    this.#chain = chain
    this.#index = new AuditIndex(o.db)
  }

  /** @throws Error when the end of the chain is damaged: a person must look before anything is added. */
  static async open(o: AccessLogOptions): Promise<AccessLog> {
    const chain = await ChainLog.open<AuditLine>({
      folder: o.folder,
      ...(o.nowMs && { nowMs: o.nowMs }),
      tornTail: ({ day, bytes }) => ({
        userName: '',
        action: 'log-repaired',
        detail: `${bytes} bytes of a line a crash left unfinished were cut off (${day})`,
      }),
      onTrouble: o.onTrouble,
    })
    const log = new AccessLog(o, chain)
    await log.#catchUp()
    await log.#takeOver()
    return log
  }

  /** The day (UTC) of the very first entry; from then on each day has its digest. */
  async firstDay(): Promise<string | undefined> {
    return (await chainDays(this.#o.folder))[0]
  }

  /** How long the log is and the hash of its last line: what is anchored. */
  get mark(): ChainMark {
    return this.#chain.mark
  }

  /**
   * `detail` must hold no personal data of customers: this log outlives every erasure.
   * @throws AppError `unavailable` when the line cannot be kept; then the action must not happen.
   */
  async add(o: {
    readonly user: AuditActor
    readonly callId?: CallId | undefined
    readonly action: AuditAction
    readonly detail: string
  }): Promise<void> {
    await this.#append({
      ...(o.user === 'system' ? { userName: '' } : { userId: o.user.id, userName: o.user.name }),
      ...(o.callId !== undefined && { callId: o.callId }),
      action: o.action,
      detail: o.detail,
    })
  }

  async ofCall(callId: CallId): Promise<{ at: string; userName: string; action: AuditAction; detail: string }[]> {
    await this.#catchUpIfBehind()
    return this.#index.ofCall(callId)
  }

  /** Newest first; `next` is the cursor of the following page. */
  async search(search: AuditSearch): Promise<{ entries: AuditEntry[]; next?: number }> {
    await this.#catchUpIfBehind()
    return this.#index.search(search)
  }

  /** Follows the whole chain in its files. `marks` are what was anchored elsewhere. */
  verify(marks: readonly ChainMark[] = []): Promise<ChainVerdict> {
    return this.#chain.verify(marks)
  }

  flush(): Promise<void> {
    return this.#chain.flush()
  }

  close(): Promise<void> {
    return this.#chain.close()
  }

  async #append(entry: AuditLine): Promise<void> {
    let added: ReturnType<ChainLog<AuditLine>['append']>
    try {
      added = this.#chain.append(entry)
    } catch (cause) {
      if (!(cause instanceof ChainLogError)) throw cause
      this.#o.onTrouble('an entry could not be written; what it was about was refused')
      throw new AppError('unavailable', 'the access log cannot be written, so this is not done', { cause })
    }
    try {
      await this.#index.put([added as Parameters<AuditIndex['put']>[0][number]])
    } catch {
      this.#indexBehind = true
    }
  }

  async #catchUpIfBehind(): Promise<void> {
    if (!this.#indexBehind) return
    this.#indexBehind = false
    await this.#catchUp()
  }

  /** Brings the index up to the files. An index that knows more, or other lines, says that the files were cut or changed. */
  async #catchUp(): Promise<void> {
    const last = await this.#index.last()
    const known = last && (await this.#hashAt(last.seq))
    if (last && known !== last.hash) {
      const detail =
        known === undefined
          ? `the database knew ${last.seq + 1} entries, the files hold ${this.#chain.entries}: the newest were lost or removed`
          : `the database knew another entry ${last.seq} than the files: one of them was changed`
      this.#o.onTrouble(detail)
      this.#chain.append({ userName: '', action: 'log-repaired', detail })
      await this.#index.clear()
    }
    let batch: { line: AuditLine & { seq: number; at: string }; hash: string }[] = []
    for await (const one of this.#chain.read(((await this.#index.last())?.seq ?? -1) + 1)) {
      batch.push(one)
      if (batch.length < 200) continue
      await this.#index.put(batch)
      batch = []
    }
    await this.#index.put(batch)
  }

  async #hashAt(seq: number): Promise<string | undefined> {
    for await (const { line, hash } of this.#chain.read(seq)) return line.seq === seq ? hash : undefined
    return undefined
  }

  /** Rows of the table that was the log before it became a chain move into it, once. */
  async #takeOver(): Promise<void> {
    for (const row of await this.#index.oldRows()) {
      await this.#append({
        userId: row.user_id as UserId,
        userName: row.user_name,
        callId: row.call_id as CallId,
        action: row.action,
        detail: row.detail,
        originallyAt: row.at,
      })
      await this.#index.removeOldRow(row.seq)
    }
  }
}
