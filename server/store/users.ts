import type { SpeaksBy } from '../../signaling/protocol/desk-phone.ts'
import type { UserId } from '../../signaling/protocol/ids.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { hashPassword } from '../auth/password.ts'
import type { Right } from '../auth/rights.ts'
import type { StaffRole } from '../auth/tokens.ts'
import type { Database } from './database.ts'
import type { Tables } from './tables.ts'

export type User = {
  readonly id: UserId
  /** What is typed at sign-in, lower case. */
  readonly name: string
  readonly displayName: string
  readonly role: StaffRole
  /** Of a reviewer. */
  readonly rights: readonly Right[]
  readonly passwordHash: string
  readonly disabled: boolean
  /** Sessions that began before it are over; milliseconds since 1970. */
  readonly sessionsFromMs: number
  /** Of an agent: a number or SIP address calls may be taken on. */
  readonly deskPhone: string | undefined
  readonly speaksBy: SpeaksBy
}
/** A change made on the command line. */
export type UserChange = { readonly at: string; readonly byAccount: string; readonly what: string }

/** The command line changes users beside the running server; it looks again this often, when it is asked for anybody. */
const LOOK_AGAIN_MS = 2_000

/** Agents, reviewers, supervisors. Few, read at every request: kept in memory, written through. */
export class Users {
  readonly #db: Database
  #byName: ReadonlyMap<string, User> = new Map()
  #byId: ReadonlyMap<string, User> = new Map()
  #tell: ((change: UserChange) => Promise<void>) | undefined
  #lookedAtMs = 0
  #looking: Promise<void> | undefined

  private constructor(db: Database) {
    this.#db = db
  }

  static async load(db: Database): Promise<Users> {
    const users = new Users(db)
    await users.look()
    return users
  }

  get count(): number {
    return this.#byName.size
  }

  get all(): readonly User[] {
    return [...this.#byName.values()]
  }

  byName(name: string): User | undefined {
    return this.#byName.get(name)
  }

  /** As known at most two seconds ago, when somebody asks every two seconds. */
  byId(id: UserId): User | undefined {
    // A database that is closing or busy leaves things as they are known.
    if (Date.now() - this.#lookedAtMs > LOOK_AGAIN_MS) void this.look().catch(() => {})
    return this.#byId.get(id)
  }

  /** Where changes of the command line are written down; those from before are told at once. */
  async tellChanges(tell: (change: UserChange) => Promise<void>): Promise<void> {
    this.#tell = tell
    await this.look()
  }

  /** Reads everybody again. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async add(o: {
    name: string
    displayName: string
    role: StaffRole
    password: string
    rights?: readonly Right[]
  }): Promise<User> {
    const name = o.name.trim().toLowerCase()
    if (this.#byName.has(name)) throw new Error('this sign-in name is taken')
    const row: Tables['users'] = {
      id: newId('user'),
      name,
      display_name: o.displayName,
      role: o.role,
      rights_json: JSON.stringify(o.rights ?? []),
      password_hash: await hashPassword(o.password),
      created_at: new Date().toISOString(),
      disabled_at: null,
      sessions_from: null,
      desk_phone: null,
      speaks_by: 'browser',
    }
    await this.#db.kysely.insertInto('users').values(row).execute()
    const user = read(row)
    this.#keep([...this.all, user])
    return user
  }

  /** What changes for one of them; a new password ends the sessions there are. */
  async change(
    id: UserId,
    o: {
      rights?: readonly Right[]
      disabled?: boolean
      password?: string
      displayName?: string
      /** null takes it away. */
      deskPhone?: string | null
      speaksBy?: SpeaksBy
    },
  ): Promise<void> {
    const now = new Date().toISOString()
    await this.#db.kysely
      .updateTable('users')
      .set({
        ...(o.rights && { rights_json: JSON.stringify(o.rights) }),
        ...(o.disabled !== undefined && { disabled_at: o.disabled ? now : null }),
        ...(o.disabled && { sessions_from: now }),
        ...(o.displayName !== undefined && { display_name: o.displayName }),
        ...(o.deskPhone !== undefined && { desk_phone: o.deskPhone }),
        ...(o.speaksBy && { speaks_by: o.speaksBy }),
        ...(o.password !== undefined && { password_hash: await hashPassword(o.password), sessions_from: now }),
      })
      .where('id', '=', id)
      .execute()
    await this.look()
  }

  /** For the access log, which only the running server writes. */
  async noteChange(byAccount: string, what: string): Promise<void> {
    await this.#db.kysely
      .insertInto('user_changes')
      .values({ at: new Date().toISOString(), by_account: byAccount, what, told: 0 })
      .execute()
  }

  async #look(): Promise<void> {
    this.#lookedAtMs = Date.now()
    this.#keep((await this.#db.kysely.selectFrom('users').selectAll().orderBy('created_at').execute()).map(read))
    if (!this.#tell) return
    const changes = await this.#db.kysely
      .selectFrom('user_changes')
      .selectAll()
      .where('told', '=', 0)
      .orderBy('change_id')
      .execute()
    for (const { change_id, at, by_account, what } of changes) {
      try {
        await this.#tell({ at, byAccount: by_account, what })
      } catch {
        // The log says itself that it cannot be written; the change waits until it can.
        return
      }
      await this.#db.kysely.updateTable('user_changes').set({ told: 1 }).where('change_id', '=', change_id).execute()
    }
  }

  #keep(users: readonly User[]): void {
    this.#byName = new Map(users.map(user => [user.name, user]))
    this.#byId = new Map(users.map(user => [user.id, user]))
  }
}

function read(row: Tables['users']): User {
  return {
    id: row.id as UserId,
    name: row.name,
    displayName: row.display_name,
    role: row.role,
    rights: JSON.parse(row.rights_json) as Right[],
    passwordHash: row.password_hash,
    disabled: row.disabled_at !== null,
    sessionsFromMs: row.sessions_from === null ? 0 : Date.parse(row.sessions_from),
    deskPhone: row.desk_phone ?? undefined,
    speaksBy: row.speaks_by,
  }
}
