/** The thread that runs the operator's patterns: one that backtracks without end is stopped from outside. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Finding, Region } from '../../signaling/protocol/reading.ts'
import { compile, type Recogniser } from './recogniser-file.ts'

export type Readable = { readonly text: string; readonly box?: Region }
export type ThreadJob = { readonly id: number; readonly texts: readonly Readable[] }
export type ThreadAnswer = { readonly id: number; readonly findings: Finding[] }
export type ThreadData = {
  readonly recognisers: readonly Recogniser[]
  /** One number: which recogniser is at work, for whoever has to stop it. */
  readonly atWork: Int32Array<SharedArrayBuffer>
}

const MAX_TEXT = 1_000
const MAX_VALUE = 200
const MAX_FINDINGS = 50

const { recognisers, atWork } = workerData as ThreadData
const compiled = recognisers.map(one => ({ ...one, expression: compile(one.pattern) }))

function findingsIn(texts: readonly Readable[]): Finding[] {
  const found = new Map<string, Finding>()
  for (const [index, { name, title, group, expression }] of compiled.entries()) {
    atWork[0] = index
    for (const { text, box } of texts) {
      for (const match of text.slice(0, MAX_TEXT).matchAll(expression)) {
        const picked = typeof group === 'string' ? match.groups?.[group] : match[group ?? 0]
        const value = (picked ?? '').trim().slice(0, MAX_VALUE)
        const key = `${name} ${value}`
        if (value !== '' && !found.has(key)) found.set(key, { recogniser: name, title, value, ...(box && { box }) })
      }
    }
  }
  atWork[0] = -1
  return [...found.values()].slice(0, MAX_FINDINGS)
}

parentPort?.on('message', ({ id, texts }: ThreadJob) => {
  parentPort?.postMessage({ id, findings: findingsIn(texts) } satisfies ThreadAnswer)
})
