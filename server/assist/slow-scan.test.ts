import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import t from 'tap'
import { InnerServer } from '../../test/harness/app.ts'
import { readEntries } from '../../test/harness/archive-reader.ts'
import { SimulatedCall } from '../../test/harness/simulated-call.ts'
import { until } from '../../test/harness/until.ts'

t.setTimeout(120_000)

const still = (red: number) =>
  sharp({ create: { width: 480, height: 360, channels: 3, background: { r: red, g: 90, b: 60 } } })
    .withExif({ IFD0: { Model: 'A-PHONE-MODEL' } })
    .jpeg()
    .toBuffer()
const JPEG = { 'content-type': 'image/jpeg' }

const server = await InnerServer.start()
const simulated = await SimulatedCall.start(server, await still(10))
const { agent, phone } = simulated
t.teardown(async () => {
  simulated.close()
  await server.close()
})

t.test('[NET6] a still of the phone is kept without metadata, journalled, and shown to the agent', async t => {
  const sent = await still(200)
  t.equal((await simulated.http('POST', '/scan', { body: sent, headers: JPEG })).status, 204)
  const { picture } = await simulated.told('scan.frame')
  t.match(picture, { type: 'image/jpeg', widthPx: 480, heightPx: 360, source: 'slow-scan' })
  t.match(picture.file, /^scan\/\d+\.jpg$/)
  const shown = await simulated.http('GET', `/scan/${picture.sha256}`, { as: 'agent' })
  t.equal(shown.status, 200)
  t.equal(createHash('sha256').update(shown.body).digest('hex'), picture.sha256)
  t.notOk(shown.body.includes('A-PHONE-MODEL'))
  const [folder] = await server.archives()
  t.ok((await readFile(join(folder ?? '', picture.file))).equals(shown.body), 'the same bytes are in the archive')
  t.notOk(
    simulated.phoneEntries.some(entry => entry.type === 'scan.frame'),
    'the phone’s narrow network is not burdened with its own pictures',
  )
})

t.test('[NET6] strangers, other types and what comes too fast are refused', async t => {
  const body = await still(30)
  t.equal((await simulated.http('POST', '/scan', { as: 'nobody', body, headers: JPEG })).status, 403)
  t.equal((await simulated.http('POST', '/scan', { as: 'agent', body, headers: JPEG })).status, 403)
  t.equal(
    (await simulated.http('POST', '/scan', { body, headers: { ...JPEG, origin: 'https://other.example' } })).status,
    403,
  )
  const { status } = await simulated.http('POST', '/scan', { body: Buffer.from('<html>'), headers: JPEG })
  t.equal(status, 400)
  t.equal((await simulated.http('POST', '/scan', { body, headers: { 'content-type': 'text/html' } })).status, 415)
  t.equal((await simulated.http('GET', `/scan/${'0'.repeat(64)}`, { as: 'agent' })).status, 404)
  const [entry] = simulated.entries.filter(one => one.type === 'scan.frame')
  const sha256 = entry?.type === 'scan.frame' ? entry.picture.sha256 : ''
  t.equal((await simulated.http('GET', `/scan/${sha256}`, { as: 'nobody' })).status, 403)
  const statuses: number[] = []
  for (let count = 0; count < 12; count += 1) {
    statuses.push((await simulated.http('POST', '/scan', { body, headers: JPEG })).status)
  }
  t.ok(statuses.includes(204) && statuses.includes(429), statuses.join(' '))
})

t.test('[NET7] rungs are journalled with what was measured, measurements are only shown', async t => {
  const before = simulated.entries.length
  const network = { kbps: 120, lossPercent: 11, roundTripMs: 900 }
  await phone.signaling.request('picture.rung', { rung: 'slow-scan', because: 'measured', network })
  t.match(await simulated.told('picture.rung'), { rung: 'slow-scan', because: 'measured', network })
  await phone.signaling.request('picture.rung', { rung: 'slow-scan', because: 'measured', network })
  let shown: unknown
  agent.signaling.on('desk.calls', ({ calls }) => {
    shown = calls.find(call => call.callId === simulated.callId)
  })
  agent.signaling.on('call.changed', ({ call }) => {
    shown = call
  })
  await until('the measurement at the agent', async () => {
    await phone.signaling.request('picture.measured', { network: { kbps: 90 } })
    return (shown as { network?: { kbps?: number } } | undefined)?.network?.kbps === 90
  })
  t.match(shown, { rung: 'slow-scan' })
  t.equal(simulated.entries.slice(before).filter(entry => entry.type === 'picture.rung').length, 1, 'told once')
})

t.test('[NET7] while stills are expected, missing video is no interruption', async t => {
  const before = simulated.entries.length
  simulated.stopFilming()
  await phone.signaling.request('camera.notice', { notice: 'page-hidden' })
  t.match(await simulated.told('camera.noticed'), { notice: 'page-hidden' })
  await new Promise(done => setTimeout(done, 3_000))
  t.notOk(simulated.entries.slice(before).some(entry => entry.type === 'camera.interrupted'))
})

t.test('[NET7] the agent’s wish reaches the phone, and again when the phone comes back', async t => {
  const wishes: string[] = []
  phone.signaling.on('picture.prefer', ({ rung }) => wishes.push(rung))
  await agent.signaling.request('picture.prefer', { callId: simulated.callId, rung: 'slow-scan' })
  await until('the wish', () => wishes.length === 1)
  await phone.signaling.request('caller.enter', { transportId: phone.session.send.id })
  await until('the wish again', () => wishes.length === 2)
  t.same(wishes, ['slow-scan', 'slow-scan'])
})

t.test('[VC47] on hold stills are refused and none is kept; afterwards they come again', async t => {
  const post = async () => (await simulated.http('POST', '/scan', { body: await still(77), headers: JPEG })).status
  const stills = () => simulated.entries.filter(entry => entry.type === 'scan.frame').length
  await until('room for another still', async () => (await post()) === 204, { everyMs: 300 })
  await agent.signaling.request('voice.hold', { callId: simulated.callId })
  const before = stills()
  const refused = await simulated.http('POST', '/scan', { body: await still(78), headers: JPEG })
  t.equal(refused.status, 423)
  t.match(String(refused.body), /"code":"paused"/)
  for (let n = 0; n < 3; n++) t.equal(await post(), 423)
  t.equal(stills(), before)
  await agent.signaling.request('voice.retrieve', { callId: simulated.callId })
  await until('stills again', async () => (await post()) === 204, { everyMs: 300 })
  await until('told', () => stills() > before)
})

t.test('[NET10] a socket that comes back keeps the living transport; without naming it there is a new one', async t => {
  const id = phone.session.send.id
  const again = await phone.signaling.request('caller.enter', { transportId: id })
  t.equal(again.send.id, id)
  t.ok((await phone.signaling.request('media.restartIce', { transportId: id })).iceParameters, 'it can be repaired')
  const fresh = await phone.signaling.request('caller.enter', {})
  t.not(fresh.send.id, id)
  await t.rejects(phone.signaling.request('media.restartIce', { transportId: id }), /refused/)
  const other = await phone.signaling.request('caller.enter', { transportId: 'somebody-elses' })
  t.not(other.send.id, 'somebody-elses')
})

t.test('[NET11] a phone can ask whether its place is still its own', async t => {
  t.equal((await simulated.http('GET', '/seat')).status, 204)
  t.equal((await simulated.http('GET', '/seat', { as: 'nobody' })).status, 403)
  await agent.hangUp()
  await simulated.call.ended
  await until('the place to be gone', async () => (await simulated.http('GET', '/seat')).status >= 400)
  const folder = await server.sealedArchive()
  const scans = (await readEntries(folder)).filter(entry => entry.type === 'scan.frame')
  t.ok(scans.length >= 2, 'sealed with its stills')
})
