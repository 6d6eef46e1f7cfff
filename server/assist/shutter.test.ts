import { createHash } from 'node:crypto'
import sharp from 'sharp'
import t from 'tap'
import type { PageId } from '../../signaling/protocol/ids.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { InnerServer } from '../../test/harness/app.ts'
import { jsonOf, SimulatedCall } from '../../test/harness/simulated-call.ts'
import { until } from '../../test/harness/until.ts'

t.setTimeout(120_000)

const drawn = (width: number, height: number, background = '#205080') =>
  sharp({ create: { width, height, channels: 3, background } })
const camera = await drawn(640, 480).png().toBuffer()
const server = await InnerServer.start()
const call = await SimulatedCall.start(server, camera)
t.teardown(async () => {
  call.close()
  await server.close()
})

const wanted: PageId[] = []
call.phone.signaling.on('still.wanted', ({ pageId }) => wanted.push(pageId))
const { callId } = call
const freeze = () => call.agent.signaling.request('stage.freeze', { callId })
const still = (pageId: PageId, body: Buffer, kind = 'photo') =>
  call.http('POST', `/pages/${pageId}/still`, { body, headers: { 'content-type': 'image/jpeg', 'x-still-kind': kind } })
const picture = (pageId: PageId, query = '', as: 'phone' | 'agent' | 'nobody' = 'agent') =>
  call.http('GET', `/pictures/${pageId}${query}`, { as })
const asked = (pageId: PageId) => until('the phone to be asked', () => wanted.includes(pageId))

t.test('[PIC10] one press: the frame at once on both sides, and the phone is asked for its best', async t => {
  const { pageId } = await freeze()
  const added = await call.told('page.added', entry => entry.page.id === pageId)
  t.match(added.page, { kind: 'camera', picture: { source: 'server-key-frame', widthPx: 640, heightPx: 480 } })
  await call.told('stage.page', entry => entry.pageId === pageId)
  await until('the phone to be told', () => call.phoneEntries.some(entry => entry.type === 'stage.page'))
  await asked(pageId)
  const got = await picture(pageId)
  t.equal(got.status, 200)
  t.equal(got.headers['content-type'], 'image/webp')
  t.equal((await picture(pageId, '', 'phone')).status, 200)
  t.equal((await picture(pageId, '', 'nobody')).status, 403)
})

t.test('[PIC11] a still of the same shape betters the page; both pictures stay', async t => {
  const { pageId } = await freeze()
  await asked(pageId)
  const photo = await drawn(2000, 1500)
    .withExif({ IFD0: { Make: 'Secretcam' } })
    .jpeg()
    .toBuffer()
  const answer = await still(pageId, photo)
  t.same([answer.status, jsonOf(answer)], [200, { pageId }])
  const bettered = await call.told('page.bettered', entry => entry.pageId === pageId)
  const frame = await call.told('page.added', entry => entry.page.id === pageId)
  if (frame.page.kind !== 'camera') throw new Error('not a camera page')
  t.match(bettered.picture, {
    source: 'phone-photo',
    widthPx: 2000,
    heightPx: 1500,
    rtpTimestamp: frame.page.picture.rtpTimestamp ?? -1,
    received: {
      bytes: photo.length,
      type: 'image/jpeg',
      sha256: createHash('sha256').update(photo).digest('hex'),
    },
  })
  const best = await picture(pageId)
  t.equal((await sharp(best.body).metadata()).width, 2000)
  t.notMatch(best.body.toString('latin1'), /Secretcam/)
  t.match(best.headers['cache-control'], /no-cache/, 'which picture is the best may change')
  const [first, second] = [await picture(pageId, '?picture=0'), await picture(pageId, '?picture=1')]
  t.same([first.headers['content-type'], second.headers['content-type']], ['image/webp', 'image/jpeg'])
  t.match(first.headers['cache-control'], /immutable/)
  t.equal((await picture(pageId, '?picture=2')).status, 404)
  await until('the phone to be told', () => call.phoneEntries.some(entry => entry.type === 'page.bettered'))
  t.equal((await still(pageId, photo)).status, 410, 'one still for one press')
})

t.test(
  '[PIC12] a photo of another shape is a page of its own, on the stage unless something is drawn on the frame',
  async t => {
    const photo = await drawn(1600, 900).jpeg().toBuffer()
    const { pageId } = await freeze()
    await asked(pageId)
    const { pageId: photoId } = jsonOf<{ pageId: PageId }>(await still(pageId, photo))
    t.not(photoId, pageId)
    const added = await call.told('page.added', entry => entry.page.id === photoId)
    t.match(added.page, { kind: 'photo', of: pageId, picture: { source: 'phone-photo' } })
    await call.told('stage.page', entry => entry.pageId === photoId)

    const { pageId: drawnOn } = await freeze()
    await asked(drawnOn)
    const mark = { id: newId('mark'), colour: 'red', shape: 'pen', points: [[0.5, 0.5]] } as const
    await call.agent.signaling.request('mark.begin', {
      callId,
      on: drawnOn,
      mark: { ...mark, points: [[0.5, 0.5]] },
    })
    const { pageId: other } = jsonOf<{ pageId: PageId }>(await still(drawnOn, photo))
    await call.told('page.added', entry => entry.page.id === other)
    await call.agent.signaling.request('stage.live', { callId })
    await call.told('stage.live')
    t.notOk(
      call.entries.some(entry => entry.type === 'stage.page' && entry.pageId === other),
      'what the agent drew on stays before the eyes',
    )
  },
)

t.test('[PIC13] a still that cannot be had or used is told in the record, and the page stays', async t => {
  const { pageId: refused } = await freeze()
  await asked(refused)
  await call.phone.signaling.request('still.failed', { pageId: refused, reason: 'no-image-capture' })
  t.match(await call.told('still.failed', entry => entry.pageId === refused), { reason: 'no-image-capture' })

  const { pageId: broken } = await freeze()
  await asked(broken)
  const answer = await still(broken, Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.alloc(400)]))
  t.same([answer.status, jsonOf(answer).reason], [422, 'undecodable'])
  t.match(await call.told('still.failed', entry => entry.pageId === broken), { reason: 'undecodable' })

  const { pageId: tiny } = await freeze()
  await asked(tiny)
  t.equal((await still(tiny, await drawn(160, 120).jpeg().toBuffer(), 'frame')).status, 409, 'smaller than the frame')
  t.match(await call.told('still.failed', entry => entry.pageId === tiny), { reason: 'not-better' })
  t.equal((await picture(tiny)).headers['content-type'], 'image/webp')
})

t.test('[PIC14] only the seated caller brings stills, of a sane size and type, with a kind', async t => {
  const { pageId } = await freeze()
  await asked(pageId)
  const photo = await drawn(1280, 960).jpeg().toBuffer()
  const headers = { 'content-type': 'image/jpeg', 'x-still-kind': 'photo' }
  const path = `/pages/${pageId}/still`
  t.equal((await call.http('POST', path, { as: 'agent', body: photo, headers })).status, 403)
  t.equal((await call.http('POST', path, { as: 'nobody', body: photo, headers })).status, 403)
  t.equal(
    (await call.http('POST', path, { body: photo, headers: { ...headers, origin: 'https://evil.example' } })).status,
    403,
  )
  t.equal((await call.http('POST', path, { body: photo, headers: { 'content-type': 'image/jpeg' } })).status, 400)
  t.equal(
    (await call.http('POST', path, { body: photo, headers: { ...headers, 'content-type': 'text/html' } })).status,
    415,
  )
  t.equal((await still(newId('page'), photo)).status, 410)
  t.equal((await still(pageId, photo)).status, 200, 'the right one is still wanted')
})

t.test('[PIC15] without a live picture the phone’s still is the page, and the agent waits for it', async t => {
  call.stopFilming()
  await call.told('camera.interrupted')
  const before = wanted.length
  const pressed = freeze()
  const asks = (await until('the phone to be asked', () => wanted[before])) as PageId
  t.equal((await still(asks, await drawn(1200, 900).jpeg().toBuffer(), 'frame')).status, 200)
  t.same(await pressed, { pageId: asks })
  t.match((await call.told('page.added', entry => entry.page.id === asks)).page, {
    kind: 'camera',
    picture: { source: 'phone-frame', widthPx: 1200 },
  })
  await call.told('stage.page', entry => entry.pageId === asks)

  const refused = t.rejects(freeze(), /unavailable/)
  const next = (await until('the phone to be asked again', () => wanted[before + 1])) as PageId
  await call.phone.signaling.request('still.failed', { pageId: next, reason: 'page-hidden' })
  await refused
})
