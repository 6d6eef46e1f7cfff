import t from 'tap'
import { TaskBoard } from './task-board.ts'

t.test('[AG40] a task runs once at a time, is named while it runs, and its failure is kept, not thrown', async t => {
  const board = new TaskBoard()
  let release: (error?: Error) => void = () => {}
  let runs = 0
  const work = () =>
    new Promise<void>((resolve, reject) => {
      runs += 1
      release = error => (error ? reject(error) : resolve())
    })
  const first = board.run('freeze', work)
  await board.run('freeze', work)
  t.equal(runs, 1)
  t.ok(board.state.get().busy.has('freeze'))
  release(new Error('no'))
  await first
  t.notOk(board.state.get().busy.has('freeze'))
  t.match(board.state.get().failures, [{ task: 'freeze' }])
})

t.test('[AG41] trying again takes the old failure away; at most three are shown', async t => {
  const board = new TaskBoard()
  for (const task of ['freeze', 'live', 'undo', 'clear'] as const) board.fail(task, new Error('no'))
  t.same(
    board.state.get().failures.map(one => one.task),
    ['live', 'undo', 'clear'],
  )
  await board.run('undo', async () => undefined)
  t.same(
    board.state.get().failures.map(one => one.task),
    ['live', 'clear'],
  )
  board.dismiss(board.state.get().failures[0]?.id ?? -1)
  t.same(
    board.state.get().failures.map(one => one.task),
    ['clear'],
  )
})
