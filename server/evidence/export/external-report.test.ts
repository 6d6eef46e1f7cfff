import { spawnSync } from 'node:child_process'
import t from 'tap'
import { answeredCall } from '../../../recordings/fixture.ts'
import { orderFor } from './fixture.ts'
import { runExport } from './run-export.ts'

t.setTimeout(120_000)

t.test(
  '[EX14] the report of a call that another system held names the system, its id and where the voice was',
  async t => {
    const call = await answeredCall(t)
    const { journal } = call.archive
    const { from, to, agent, answeredAt } = call.facts
    journal.append({ type: 'call.answered', callId: call.callId, wallClock: answeredAt, from, to, agent })
    const name = { system: 'acd-north', id: 'conv-77/81', origin: 'api' } as const
    journal.append({ type: 'call.external', name, attributes: [] })
    journal.append({ type: 'call.ended', end: { cause: 'ended-elsewhere' } })
    await call.archive.seal({ end: { cause: 'ended-elsewhere' }, facts: call.facts, key: call.key })
    for (const [language, words] of [
      ['en', ['Outside system', 'Outside call id', 'No voice tracks: the voice is in the outside system']],
      ['zh-CN', ['外部系统', '外部通话号', '没有声音轨道']],
    ] as const) {
      const order = orderFor(
        { ...call, folder: call.archive.folder },
        { folder: call.root, pagesFolder: '', origin: { kind: 'report', language } },
      )
      await runExport(order, { sign: async text => call.key.sign(text) })
      const text = spawnSync('pdftotext', ['-layout', order.out, '-'], { encoding: 'utf8' }).stdout
      for (const word of [...words, 'acd-north', 'conv-77/81']) t.match(text, word)
      t.match(text, new RegExp(`${words[1]}\\s+conv-77/81`), 'as a fact of the call, not only as an event')
    }
  },
)
