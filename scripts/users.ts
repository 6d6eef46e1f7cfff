/**
 * Who may sign in, from the command line: `npm run users -- <command>`. Reads the settings of the server (and `.env`); the
 * server may be running: it takes a change up within seconds and writes it into the access log.
 */
import { randomInt } from 'node:crypto'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Right } from '../server/auth/rights.ts'
import { STAFF_ROLES, type StaffRole } from '../server/auth/tokens.ts'
import { NumberPatterns } from '../server/calls/number-patterns.ts'
import { dialled } from '../server/calls/voice-control.ts'
import { type Config, decideConfig } from '../server/config.ts'
import { readEnv } from '../server/env.ts'
import { openDatabase } from '../server/store/database.ts'
import { type User, Users } from '../server/store/users.ts'

const USAGE = `npm run users -- list
npm run users -- add <name> --role agent|reviewer|supervisor [--display "Name"] [--rights release,audit]
npm run users -- rights <name> [release,retention,audit,lead]    nothing takes all of them away
npm run users -- disable <name>                                  no sign-in; sessions end within seconds
npm run users -- enable <name>
npm run users -- phone <agent> [number or SIP address]           calls may be taken on it; nothing takes it away
npm run users -- password <name>                                 a new one is made and shown once; sessions end

Rights are a reviewer's: release, retention, audit, lead.`
/** Without letters and digits that are mistaken for each other when read aloud. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789'
const newPassword = () => Array.from({ length: 16 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')

/** A mistake of whoever typed. */
class Mistake extends Error {}

type Options = { env: Record<string, string | undefined>; say: (line: string) => void; account?: string }

/** @returns the exit code */
export async function runUsers(args: readonly string[], o: Options): Promise<number> {
  const config = decideConfig(readEnv(o.env), process.cwd())
  const db = await openDatabase(join(config.dataDir, 'index.sqlite'))
  try {
    const users = await Users.load(db)
    await run(args, users, { ...o, account: o.account ?? userInfo().username, config })
    return 0
  } catch (error) {
    if (!(error instanceof Mistake)) throw error
    o.say(error.message)
    return 1
  } finally {
    await db.close()
  }
}

async function run(args: readonly string[], users: Users, o: Required<Options> & { config: Config }): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { role: { type: 'string' }, display: { type: 'string' }, rights: { type: 'string' } },
  })
  const [command, name = '', rest = ''] = positionals
  const note = (what: string) => users.noteChange(o.account, what)
  switch (command) {
    case 'list':
      for (const user of users.all) o.say(lineOf(user))
      return
    case 'add': {
      const role = roleOf(values.role)
      const rights = rightsOf(values.rights ?? '', role)
      if (!/^[\p{L}\p{N}._@-]{1,80}$/u.test(name)) throw new Mistake(USAGE)
      if (users.byName(name.toLowerCase())) throw new Mistake('this sign-in name is taken')
      const password = newPassword()
      await note(`added ${name} as ${role}${rights.length > 0 ? ` with ${rights.join(', ')}` : ''}`)
      await users.add({ name, displayName: values.display ?? name, role, rights, password })
      o.say(`${name}\t${role}\tpassword: ${password}`)
      return
    }
    case 'rights': {
      const user = found(users, name)
      const rights = rightsOf(rest, user.role)
      await note(`rights of ${user.name}: ${rights.join(', ') || 'none'}`)
      await users.change(user.id, { rights })
      o.say(lineOf(found(users, name)))
      return
    }
    case 'disable':
    case 'enable': {
      const user = found(users, name)
      await note(`${command}d ${user.name}`)
      await users.change(user.id, { disabled: command === 'disable' })
      o.say(lineOf(found(users, name)))
      return
    }
    case 'phone': {
      const user = found(users, name)
      const deskPhone = rest === '' ? null : phoneOf(rest, user, o.config)
      // The number itself is for the user table only.
      await note(`${deskPhone === null ? 'took the desk phone from' : 'set a desk phone for'} ${user.name}`)
      await users.change(user.id, { deskPhone, ...(deskPhone === null && { speaksBy: 'browser' as const }) })
      o.say(lineOf(found(users, name)))
      return
    }
    case 'password': {
      const user = found(users, name)
      const password = newPassword()
      await note(`new password for ${user.name}`)
      await users.change(user.id, { password })
      o.say(`${user.name}\tpassword: ${password}`)
      return
    }
    default:
      throw new Mistake(USAGE)
  }
}

function found(users: Users, name: string): User {
  const user = users.byName(name.toLowerCase())
  if (!user) throw new Mistake(name === '' ? USAGE : 'nobody has this sign-in name; see: npm run users -- list')
  return user
}

function roleOf(text: string | undefined): StaffRole {
  const role = STAFF_ROLES.find(one => one === text)
  if (!role) throw new Mistake(`--role is one of ${STAFF_ROLES.join(', ')}`)
  return role
}

function rightsOf(text: string, role: StaffRole): Right[] {
  const names = text.split(',').filter(Boolean)
  const rights = Right.array().safeParse(names)
  if (!rights.success) throw new Mistake(`rights are ${Right.options.join(', ')}`)
  if (rights.data.length > 0 && role !== 'reviewer') throw new Mistake('only reviewers are given rights')
  return [...new Set(rights.data)]
}

function phoneOf(typed: string, user: User, { calls, trunk }: Config): string {
  if (user.role !== 'agent') throw new Mistake('only agents take calls')
  const address = dialled(typed)
  if (address === undefined || (/^sip/i.test(address) && !address.includes('@')))
    throw new Mistake('this is no number and no SIP address (sip:user@host)')
  if (!new NumberPatterns(calls.deskPhones).allows(address))
    throw new Mistake('TONGPING_DESK_PHONES does not allow this phone')
  if (!/^sip/i.test(address) && trunk === undefined) throw new Mistake('numbers need TONGPING_TRUNK_URI')
  return address
}

function lineOf({ name, displayName, role, rights, disabled, deskPhone }: User): string {
  const state = disabled ? 'disabled' : 'active'
  return [name, displayName, role, rights.join(',') || '-', state, ...(deskPhone ? [deskPhone] : [])].join('\t')
}

if (import.meta.main) {
  try {
    process.loadEnvFile('.env')
  } catch {
    // There is none: the defaults hold.
  }
  try {
    process.exitCode = await runUsers(process.argv.slice(2), {
      env: process.env,
      say: line => process.stdout.write(`${line}\n`),
    })
  } catch (error) {
    process.stderr.write(`users: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
