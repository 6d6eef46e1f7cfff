import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { Scenario } from '../../signaling/protocol/scenario.ts'

const DEFAULT_FILE = join(import.meta.dirname, 'default-scenarios.json')

/** The kinds of call this house knows, in the operator's order; the first is what a call begins as. */
export class Scenarios {
  readonly all: readonly Scenario[]

  constructor(all: readonly Scenario[]) {
    this.all = all
  }

  /** @throws Error with one line that names what is wrong in the file */
  static async load(file = DEFAULT_FILE): Promise<Scenarios> {
    const parsed = z
      .array(Scenario)
      .min(1)
      .safeParse(await readJson(file))
    if (!parsed.success) {
      const where = parsed.error.issues.map(issue => issue.path.join('.') || 'file').join(', ')
      throw new Error(`scenarios: ${file} is not as expected at ${where}`)
    }
    const ids = parsed.data.map(one => one.id)
    const twice = ids.find((id, index) => ids.indexOf(id) !== index)
    if (twice !== undefined) throw new Error(`scenarios: ${file} has ${twice} twice`)
    return new Scenarios(parsed.data)
  }

  find(id: string): Scenario | undefined {
    return this.all.find(one => one.id === id)
  }

  /** The scenario of a called number, else the first. */
  forCalled(number: string): Scenario {
    const [first] = this.all
    if (!first) throw new Error('scenarios: at least one is needed')
    return this.all.find(one => one.calledNumbers.includes(number)) ?? first
  }
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Error(`scenarios: ${file} cannot be read`, { cause })
  })
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`scenarios: ${file} is no JSON`, { cause })
  }
}
