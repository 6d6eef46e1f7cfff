import t from 'tap'
import { newId } from '../../signaling/protocol/new-id.ts'
import type { AssistWire } from './assist-desk.ts'
import { StageDesk } from './stage-desk.ts'
import { TaskBoard } from './task-board.ts'

t.test(
  '[WB25] pages turned faster than the server answers end at the newest wish, with none of the middle asked',
  async t => {
    const tasks = new TaskBoard()
    const callId = newId('call')
    const asked: unknown[] = []
    const answers: (() => void)[] = []
    const request = (_name: string, data: { pageId?: string }) => {
      asked.push(data.pageId)
      return new Promise<never>(resolve => answers.push(() => resolve({} as never)))
    }
    const desk = new StageDesk({
      request: request as AssistWire['request'],
      onCall: (task, work) => tasks.run(task, () => work(callId)),
    })
    const [one, two, three] = [newId('page'), newId('page'), newId('page')]
    const first = desk.showPage(one)
    void desk.showPage(two)
    void desk.showPage(three)
    t.equal(desk.aim, three, 'the next key counts on from there')
    answers.shift()?.()
    await new Promise(resolve => setImmediate(resolve))
    answers.shift()?.()
    await first
    t.same(asked, [one, three])
    t.equal(desk.aim, undefined)
  },
)
