import { randomInt } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { RIGHTS } from '../../signaling/protocol/rights.ts'
import type { Users } from '../store/users.ts'
import { STAFF_ROLES } from './tokens.ts'

const SignInSheet = z.array(z.object({ role: z.enum(STAFF_ROLES), name: z.string(), password: z.string() }))
export type SignInSheet = z.infer<typeof SignInSheet>

/** Without letters and digits that are mistaken for each other when read aloud or copied by hand. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789'
/** 16 characters of 31: 79 bits. */
const password = () => Array.from({ length: 16 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')

/**
 * At the very first start makes a demo agent, a second one, a demo reviewer, a compliance officer (a reviewer with every right) and a demo supervisor, each with a random password: there is
 * no default password anywhere. The sheet stays in the data folder (owner-readable) and is printed at every
 * start until the operator deletes it.
 */
export async function firstRunUsers(users: Users, secretsDir: string): Promise<SignInSheet> {
  const path = join(secretsDir, 'first-run-sign-in.json')
  if (users.count > 0) {
    try {
      return SignInSheet.parse(JSON.parse(await readFile(path, 'utf8')))
    } catch {
      return []
    }
  }
  const sheet: SignInSheet = [
    { role: 'agent', name: 'agent', password: password() },
    { role: 'agent', name: 'agent2', password: password() },
    { role: 'reviewer', name: 'reviewer', password: password() },
    { role: 'reviewer', name: 'compliance', password: password() },
    { role: 'supervisor', name: 'supervisor', password: password() },
  ]
  const names = {
    agent: 'Demo agent',
    agent2: 'Demo agent 2',
    reviewer: 'Demo reviewer',
    compliance: 'Demo compliance officer',
    supervisor: 'Demo supervisor',
  }
  await mkdir(secretsDir, { recursive: true, mode: 0o700 })
  await writeFile(path, `${JSON.stringify(sheet, null, 2)}\n`, { mode: 0o600 })
  for (const one of sheet) {
    const rights = one.name === 'compliance' ? RIGHTS : []
    await users.add({ ...one, displayName: names[one.name as keyof typeof names], rights })
  }
  return sheet
}
