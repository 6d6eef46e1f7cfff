import t from 'tap'
import { KeySequence } from './key-sequence.ts'

t.test('[CS13] the sequences of the policy, whatever is pressed around them', async t => {
  const press = (keys: string, policy = { maxMs: 10_000, pauseKeys: '*1', resumeKeys: '*0' }) => {
    const sequence = new KeySequence({ policy: () => policy })
    return [...keys].map(key => sequence.press(key) ?? '.').join(' ')
  }
  t.equal(press('*1'), '. pause')
  t.equal(press('4111*0'), '. . . . . resume')
  t.equal(press('**1'), '. . pause')
  t.equal(press('*2*1'), '. . . pause')
  t.equal(press('1*0*1'), '. . resume . pause')
  t.equal(press('*11', { maxMs: 10_000, pauseKeys: '*11', resumeKeys: '#0' }), '. . pause')
})

t.test('[CS13] keys pressed far apart, or without a policy, mean nothing', async t => {
  let nowMs = 0
  const sequence = new KeySequence({ policy: () => ({ maxMs: 10_000, pauseKeys: '*1' }), nowMs: () => nowMs })
  sequence.press('*')
  nowMs += 5_000
  t.equal(sequence.press('1'), undefined)
  const none = new KeySequence({ policy: () => undefined })
  t.equal(none.press('*') ?? none.press('1'), undefined)
})
