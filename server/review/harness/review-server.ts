import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { SealKey } from '../../../recordings/seal/seal-key.ts'
import { LocalFolder } from '../../../recordings/store/local-folder.ts'
import { KeyRing } from '../../../recordings/vault/key-ring.ts'
import { LocalKey } from '../../../recordings/vault/local-key.ts'
import { Vault } from '../../../recordings/vault/vault.ts'
import type { CallId } from '../../../signaling/protocol/ids.ts'
import type { Right } from '../../auth/rights.ts'
import { SignIn } from '../../auth/sign-in.ts'
import { Tokens } from '../../auth/tokens.ts'
import { Events } from '../../events.ts'
import type { Deliverables } from '../../evidence/deliverables.ts'
import { RecordRestricted } from '../../evidence/record-restricted.ts'
import { VaultKeeper } from '../../evidence/vault-keeper.ts'
import { createHttpApp } from '../../http/http-app.ts'
import { Origins } from '../../http/origins.ts'
import type { Route } from '../../http/routes.ts'
import { Lifetime } from '../../lifetime.ts'
import { AccessLog } from '../../store/access-log.ts'
import { CallIndex } from '../../store/call-index.ts'
import { type Database, openDatabase } from '../../store/database.ts'
import { RecordIndex } from '../../store/review/record-index.ts'
import { Users } from '../../store/users.ts'
import { Archives } from '../archives.ts'
import { openReview, type Review } from '../open-review.ts'
import { RecordIndexer } from '../record-indexer.ts'
import { type CallScript, recordCall } from './recorded-call.ts'

/** Replays are not what these tests are about: none is made. */
const NO_DELIVERABLES = { start: async () => {}, resume: async () => {} } as unknown as Deliverables

/** What other parts of the house that are tested here are made of. */
export type ReviewParts = {
  readonly db: Database
  readonly archives: Archives
  readonly sealKey: SealKey
  readonly accessLog: AccessLog
  readonly life: Lifetime
  readonly review: Review
}

/** The review side over real HTTP, on a real database, access log and archives; without calls and media. */
export async function reviewServer(
  o: { dataDir?: string; more?: (parts: ReviewParts) => Promise<readonly Route[]> } = {},
) {
  const dataDir = o.dataDir ?? (await mkdtemp(join(tmpdir(), 'review-')))
  const root = join(dataDir, 'recordings')
  const life = new Lifetime()
  const events = new Events(pino({ level: 'silent' }))
  const db = life.add('database', await openDatabase(join(dataDir, 'index.sqlite')))
  const key = await SealKey.loadOrCreate(join(dataDir, 'keys'))
  const troubles: string[] = []
  const accessLog = life.add(
    'access log',
    await AccessLog.open({ db, folder: join(dataDir, 'audit'), onTrouble: why => troubles.push(why) }),
  )
  const index = new CallIndex(db)
  const recordIndex = new RecordIndex(db)
  const restricted = new Set<CallId>()
  const cold = new Set<CallId>()
  const keys = new KeyRing(LocalKey.fromText(randomBytes(32).toString('base64')))
  const vault = new Vault({ keys, sealKey: key })
  // Encrypts nothing: these records stay as they were made.
  const keeper = life.add(
    'keeper',
    await VaultKeeper.open({ vault, keys, recordingsDir: root, events, encrypting: false }),
  )
  const indexer = life.add(
    'indexer',
    new RecordIndexer({ recordIndex, events, files: callId => archives.files(callId) }),
  )
  const archives: Archives = new Archives({
    recordingsDir: root,
    index,
    indexer,
    deliverables: NO_DELIVERABLES,
    keeper,
    trustedKeys: [key.publicKeyPem],
    tiers: {
      folderOf: async (_, path) => new LocalFolder(path),
      fetchBack: async () => {},
      isCold: async callId => cold.has(callId),
    },
    assertProcessing: async callId => {
      if (restricted.has(callId)) throw new RecordRestricted('restricted')
    },
  })
  await archives.catchUp()
  const users = await Users.load(db)
  const tokens = new Tokens('a secret of this test')
  const signIn = new SignIn(users, tokens)
  const review = openReview({
    db,
    archives,
    recordIndex,
    accessLog,
    events,
    life,
  })
  const more = (await o.more?.({ db, archives, sealKey: key, accessLog, life, review })) ?? []
  const origins = new Origins(() => ['http://console.test'])
  const http = createServer(
    createHttpApp({
      routes: [...review.routes, ...more],
      assetsDir: dataDir,
      signIn,
      events,
      origins,
      trustProxy: false,
      apiToken: undefined,
      httpsUrl: () => '',
    }),
  )
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  life.add('http', {
    close: () => {
      http.closeAllConnections()
      return new Promise(resolve => http.close(resolve))
    },
  })
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`

  return {
    db,
    key,
    root,
    dataDir,
    archives,
    recordIndex,
    indexer,
    accessLog,
    review,
    restricted,
    /** Says of calls that they lie in the cold store; their bytes stay here. */
    cold,
    users,
    signIn,
    /** A recorded call, found from now on. */
    async record(script: Omit<CallScript, 'root' | 'key'> = {}) {
      const call = await recordCall({ ...script, root, key })
      await archives.sealed(call.manifest, call.folder)
      return call
    },
    /** Somebody signed in, with what can be asked of the server. */
    async reviewer(name: string, rights: readonly Right[] = []) {
      const known = users.byName(name)
      const user = known ?? (await users.add({ name, displayName: name, role: 'reviewer', password: 'pass', rights }))
      const { token } = await signIn.signIn({ name, password: 'pass', role: 'reviewer', address: '127.0.0.1' })
      return new Colleague(url, `tp_reviewer=${token}`, user.id)
    },
    /** The same browser, after a restart. */
    withToken(colleague: Colleague) {
      return new Colleague(url, colleague.cookie, colleague.id)
    },
    async close(keep = false) {
      await life.close()
      if (!keep) await rm(dataDir, { recursive: true, force: true })
    },
  }
}

export class Colleague {
  readonly id: string
  readonly #url: string
  readonly cookie: string
  constructor(url: string, cookie: string, id: string) {
    this.#url = url
    this.cookie = cookie
    this.id = id
  }

  fetch(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.#url}/api/review${path}`, { headers: { cookie: this.cookie, ...headers } })
  }

  async get<T>(path: string): Promise<T> {
    return answerOf<T>(await this.fetch(path))
  }

  async post<T = undefined>(path: string, body: object = {}): Promise<T> {
    return answerOf<T>(
      await fetch(`${this.#url}/api/review${path}`, {
        method: 'POST',
        headers: { cookie: this.cookie, origin: 'http://console.test', 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    )
  }
}

async function answerOf<T>(response: Response): Promise<T> {
  if (response.status === 204) return undefined as T
  const json = (await response.json()) as { code?: string; message?: string }
  if (!response.ok) throw Object.assign(new Error(json.message), { code: json.code, status: response.status })
  return json as T
}
