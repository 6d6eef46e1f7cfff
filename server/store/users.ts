import type { UserId } from '../../signaling/protocol/ids.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { hashPassword } from '../auth/password.ts'
import type { Right } from '../auth/rights.ts'
import type { StaffRole } from '../auth/tokens.ts'
import type { Database } from './database.ts'

export type User = {
  readonly id: UserId
  /** What is typed at sign-in, lower case. */
  readonly name: string
  readonly displayName: string
  readonly role: StaffRole
  /** Of a reviewer. */
  readonly rights: readonly Right[]
  readonly passwordHash: string
}

/** Agents and reviewers. Few, read at every sign-in: kept in memory, written through. */
export class Users {
  readonly #db: Database
  readonly #byName = new Map<string, User>()

  private constructor(db: Database) {
    this.#db = db
  }

  static async load(db: Database): Promise<Users> {
    const users = new Users(db)
    for (const row of await db.kysely.selectFrom('users').selectAll().execute()) {
      users.#byName.set(row.name, {
        id: row.id as UserId,
        name: row.name,
        displayName: row.display_name,
        role: row.role,
        rights: JSON.parse(row.rights_json) as Right[],
        passwordHash: row.password_hash,
      })
    }
    return users
  }

  get count(): number {
    return this.#byName.size
  }

  byName(name: string): User | undefined {
    return this.#byName.get(name)
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
    const user: User = {
      id: newId('user'),
      name,
      displayName: o.displayName,
      role: o.role,
      rights: o.rights ?? [],
      passwordHash: await hashPassword(o.password),
    }
    await this.#db.kysely
      .insertInto('users')
      .values({
        id: user.id,
        name,
        display_name: user.displayName,
        role: user.role,
        rights_json: JSON.stringify(user.rights),
        password_hash: user.passwordHash,
        created_at: new Date().toISOString(),
      })
      .execute()
    this.#byName.set(name, user)
    return user
  }
}
