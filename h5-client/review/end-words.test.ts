import t from 'tap'
import { CallEnd } from '../../signaling/protocol/call.ts'
import { CONSOLE_EN } from '../shared/words/en/console.ts'
import { endWords } from '../shared/words/end-words.ts'
import { CONSOLE_ZH } from '../shared/words/zh-CN/console.ts'

const left = (protocol: string, cause: number, text = '') =>
  CallEnd.parse({ cause: 'abandoned', reason: { protocol, cause, text } })

t.test('[RC29] why a call ended says also what the other side’s network said, where that says more', async t => {
  const plain = CONSOLE_EN.ends.abandoned
  for (const [protocol, cause] of [
    ['Q.850', 16],
    ['Q.850', 31],
    ['SIP', 487],
  ] as const)
    t.equal(endWords(left(protocol, cause), CONSOLE_EN), plain, 'an ordinary end')
  t.equal(endWords({ cause: 'abandoned' }, CONSOLE_EN), plain)
  t.equal(endWords(left('SIP', 200, 'Call completed elsewhere'), CONSOLE_EN), `${plain} (answered elsewhere)`)
  t.match(endWords(left('SIP', 200), CONSOLE_ZH), '（已在别处接听）')
  t.match(endWords({ ...left('Q.850', 41), cause: 'caller-hung-up' } as CallEnd, CONSOLE_EN), 'the telephone network')
  t.equal(endWords(left('Q.850', 99, '<b>x</b>'), CONSOLE_EN), `${plain} (Q.850 99)`, 'nothing of the peer’s text')
  t.match(endWords({ cause: 'not-reached', failure: 'busy', sipStatus: 486, reason: 'x' }, CONSOLE_EN), '(busy)')
  t.equal(endWords({ cause: 'rejected', sipStatus: 486, reason: 'busy' }, CONSOLE_EN), CONSOLE_EN.ends.rejected)
})
