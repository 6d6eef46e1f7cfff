import t from 'tap'
import type { Role } from '../protocol/call.ts'
import { REQUESTS, type RequestName } from '../protocol/catalogue.ts'
import { newId } from '../protocol/new-id.ts'
import { dispatch } from './dispatch.ts'
import type { RequestHandlers } from './handler.ts'

type Ctx = { readonly role: Role }
/** A double at our own seam: records what passed the door. */
function recorder() {
  const passed: { name: string; data: unknown }[] = []
  const names = Object.keys(REQUESTS) as RequestName[]
  const handlers = Object.fromEntries(
    names.map(name => [
      name,
      async (_context: Ctx, data: unknown) => {
        passed.push({ name, data })
        return {}
      },
    ]),
  ) as unknown as RequestHandlers<Ctx>
  return { passed, handlers }
}
const callId = newId('call')

t.test('[WS1] a request of the right role and shape passes', async t => {
  const { handlers, passed } = recorder()
  await dispatch(handlers, { role: 'agent' }, 'stage.freeze', { callId })
  t.same(passed, [{ name: 'stage.freeze', data: { callId } }])
})

t.test('[WS2] a caller may not freeze, an agent may not pause the camera, a reviewer may do nothing', async t => {
  const { handlers, passed } = recorder()
  await t.rejects(dispatch(handlers, { role: 'caller' }, 'stage.freeze', { callId }), { code: 'forbidden' })
  await t.rejects(dispatch(handlers, { role: 'agent' }, 'camera.pause', {}), { code: 'forbidden' })
  for (const name of Object.keys(REQUESTS)) {
    await t.rejects(dispatch(handlers, { role: 'reviewer' }, name, {}), { code: 'forbidden' })
  }
  t.same(passed, [])
})

t.test('[WS3] what does not fit the schema is refused at the door, without quoting it', async t => {
  const { handlers, passed } = recorder()
  const mark = {
    id: newId('mark'),
    shape: 'arrow',
    colour: 'red',
    points: [
      [0, 0],
      [2, 1],
    ],
  }
  const data = { callId, on: newId('page'), mark }
  const error = await dispatch(handlers, { role: 'agent' }, 'mark.begin', data).catch((error: Error) => error)
  t.match(error, { code: 'bad-request', message: 'mark.begin: not as expected at mark.points.1.0' })
  await t.rejects(dispatch(handlers, { role: 'agent' }, 'toString', {}), { code: 'bad-request' })
  await t.rejects(dispatch(handlers, { role: 'agent' }, 'stage.freeze', null), { code: 'bad-request' })
  t.same(passed, [])
})
