import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { SealKey } from '../../../recordings/seal/seal-key.ts'
import type { CallFilesRef } from '../../../recordings/vault/call-files.ts'
import type { WorkFolder } from '../../../recordings/vault/work-folder.ts'
import { AppError } from '../../../signaling/protocol/errors.ts'
import type { CallId, UserId } from '../../../signaling/protocol/ids.ts'
import type { ExportAccess, ExportJob, ExportOrigin, NewExport } from '../../../signaling/protocol/record-export.ts'
import type { Events } from '../../events.ts'
import type { AccessLog } from '../../store/access-log.ts'
import { ExportError, exportInChild } from './exporter.ts'

/** How long a finished file waits to be fetched: it holds plain bytes. */
const KEEP_MS = 30 * 60_000
const MAX_OPEN = 4

export type ExportsOptions = {
  readonly work: WorkFolder
  readonly sealKey: SealKey
  readonly accessLog: AccessLog
  readonly events: Events
  readonly ref: (callId: CallId) => Promise<CallFilesRef>
  readonly trustedKeys: readonly string[]
  readonly anchorsFolder: string
  readonly authorities: readonly string[]
  readonly pagesFolder: string
  readonly timeZone?: string
  readonly keepMs?: number
}
type Person = { readonly id: UserId; readonly name: string }
type Live = {
  job: ExportJob
  readonly owner: UserId
  readonly callId: CallId
  readonly stop: AbortController
  path: string | undefined
  ended: Promise<void>
}

/** What is being taken out of the house: one after the other, kept for a while in a private folder, gone with the server. */
export class Exports {
  readonly #o: ExportsOptions
  readonly #live = new Map<string, Live>()
  #turn: Promise<void> = Promise.resolve()
  #closed = false

  constructor(o: ExportsOptions) {
    this.#o = o
  }

  /**
   * Writes the access log, then begins. The release behind originals was checked by the caller.
   * @throws AppError `too-many`, or `unavailable` when it cannot be written down
   */
  async start(by: Person, callId: CallId, wanted: NewExport, release?: ExportOrigin['release']): Promise<ExportJob> {
    const running = [...this.#live.values()].filter(one => isOpen(one.job))
    if (this.#closed || running.length >= MAX_OPEN)
      throw new AppError('too-many', 'other exports are being made, try again later')
    const exportId = `exp_${randomBytes(12).toString('hex')}`
    const { kind, language, reason, redactionId } = wanted
    const about = [kind, exportId, redactionId, release?.releaseId].filter(Boolean).join(' ')
    await this.#o.accessLog.add({ user: by, callId, action: 'export', detail: `${about}: ${reason}` })
    const askedAt = new Date().toISOString()
    const job: ExportJob = {
      ...{ exportId, callId, kind, language, reason, askedAt, state: 'waiting', progress: 0 },
      ...(redactionId !== undefined && { redactionId }),
    }
    const live: Live = {
      ...{ job, owner: by.id, callId, stop: new AbortController(), path: undefined },
      ended: Promise.resolve(),
    }
    this.#live.set(exportId, live)
    const origin: ExportOrigin = {
      ...{ exportId, kind, language, reason, by: { id: by.id, name: by.name }, at: askedAt },
      ...(redactionId !== undefined && { redactionId }),
      ...(release && { release }),
    }
    live.ended = this.#keep(live, by, origin)
      .catch((error: unknown) => this.#o.events.fault('export', error))
      .finally(() => {
        this.#live.delete(exportId)
      })
    return job
  }

  /** One's own of a call, newest first. */
  of(owner: UserId, callId: CallId): readonly ExportJob[] {
    return [...this.#live.values()]
      .filter(one => one.owner === owner && one.callId === callId)
      .map(({ job }) => job)
      .reverse()
  }

  /** @throws AppError `not-found` for another's, an unfinished or an expired one */
  file(owner: UserId, exportId: string): { readonly job: ExportJob; readonly path: string } {
    const live = this.#live.get(exportId)
    if (!live || live.owner !== owner || live.path === undefined || live.job.state !== 'done')
      throw new AppError('not-found', 'no such export, or its file is gone')
    return { job: live.job, path: live.path }
  }

  /** Whether something of this record is being exported. */
  isBusy(callId: CallId): boolean {
    return [...this.#live.values()].some(one => one.callId === callId && isOpen(one.job))
  }

  /** Ends and removes everything that was exported of a record and still lies here. Resolves with how many there were. */
  async forget(callId: CallId): Promise<number> {
    const gone = [...this.#live.values()].filter(one => one.callId === callId)
    for (const one of gone) one.stop.abort()
    await Promise.all(gone.map(one => one.ended))
    return gone.length
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    const all = [...this.#live.values()]
    for (const one of all) one.stop.abort()
    await Promise.all(all.map(one => one.ended))
  }

  /** The file lives as long as this: made, told, kept for a while. */
  #keep(live: Live, by: Person, origin: ExportOrigin): Promise<void> {
    return this.#o.work.with(async folder => {
      const before = this.#turn
      const mine = Promise.withResolvers<void>()
      this.#turn = mine.promise
      await before
      try {
        await this.#make(live, by, origin, folder)
      } finally {
        mine.resolve()
      }
      await kept(this.#o.keepMs ?? KEEP_MS, live.stop.signal)
    })
  }

  async #make(live: Live, by: Person, origin: ExportOrigin, folder: string): Promise<void> {
    if (live.stop.signal.aborted) return
    const { callId } = live
    const change = (to: Partial<ExportJob>) => {
      live.job = { ...live.job, ...to }
    }
    change({ state: 'running' })
    const { sealKey, accessLog } = this.#o
    const out = join(folder, origin.kind === 'report' ? 'out.pdf' : 'out.zip')
    try {
      const access: readonly ExportAccess[] = (await accessLog.ofCall(callId)).map(
        ({ at, userName, action, detail }) => ({ at, userName, action, detail }),
      )
      const { keyId, publicKeyPem } = sealKey
      const { trustedKeys, anchorsFolder, authorities, pagesFolder } = this.#o
      const result = await exportInChild(
        {
          ...{ callId, origin, access, trustedKeys, anchorsFolder, authorities, pagesFolder, out },
          files: await this.#o.ref(callId),
          sealKey: { keyId, publicKeyPem },
          workFolder: folder,
          timeZone: this.#o.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
        },
        { sealKey, signal: live.stop.signal, onProgress: progress => change({ progress }) },
      )
      await accessLog.add({
        user: by,
        callId,
        action: 'export',
        detail: `${origin.kind} ${origin.exportId} made: SHA-256 ${result.sha256}, ${result.bytes} bytes`,
      })
      live.path = out
      const expiresAt = new Date(Date.now() + (this.#o.keepMs ?? KEEP_MS)).toISOString()
      change({ state: 'done', progress: 1, ...result, expiresAt })
    } catch (error) {
      if (!live.stop.signal.aborted) this.#o.events.fault('export', error)
      change({ state: 'failed', failure: error instanceof ExportError ? error.code : 'failed' })
    }
  }
}

function isOpen({ state }: ExportJob): boolean {
  return state === 'waiting' || state === 'running'
}

function kept(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(resolve, ms)
    // A finished export does not keep the process alive.
    timer.unref()
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}
