import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { SimulatedAgent } from '../../scripts/bench/simulated/simulated-agent.ts'
import { SimulatedCameraPhone } from '../../scripts/bench/simulated/simulated-camera-phone.ts'
import { vp8Film } from '../../scripts/bench/simulated/vp8-film.ts'
import { decodeG711 } from '../../scripts/simulated-caller/g711.ts'
import type { SampleSource } from '../../scripts/simulated-caller/sample-source.ts'
import { SipPhone } from '../../scripts/simulated-caller/sip-phone.ts'
import { capturePauses } from '../../signaling/protocol/capture-spans.ts'
import { InnerServer } from '../harness/app.ts'
import { readCallFiles, readEntries, readManifest } from '../harness/archive-reader.ts'
import { until, within } from '../harness/until.ts'
import { workerPids } from '../harness/worker-pids.ts'

t.setTimeout(120_000)

/** What the caller says and the camera shows, as text in every packet: it can be searched for in every byte of the record. */
const marks = { voice: '<CALLER BEFORE>', camera: '<CAMERA BEFORE>' }
const says: SampleSource = (from, count) => {
  const samples = decodeG711('PCMU', Buffer.from(marks.voice.padEnd(16, '.')))
  return Int16Array.from({ length: count }, (_, i) => samples[(from + i) % samples.length] ?? 0)
}
const film = (await vp8Film(400)).slice(0, 1)

/** A call up to where the agent may let a phone in. */
async function talking(t: { teardown(end: () => unknown): void }) {
  marks.voice = '<CALLER BEFORE>'
  marks.camera = '<CAMERA BEFORE>'
  const server = await InnerServer.start()
  const agent = await SimulatedAgent.signIn(server.url, await server.person('agent'))
  const sip = await SipPhone.create({ server: server.sip('udp'), number: '13800138000' })
  const call = await sip.call('4008001234', { says, codecs: ['PCMU'] })
  await within('the ringing', 10_000, call.rings)
  await agent.answer('13800138000')
  const speaking = setInterval(() => agent.speak(), 20)
  await within('the answer', 10_000, call.answered)
  const phones: SimulatedCameraPhone[] = []
  const filming = setInterval(() => {
    for (const phone of phones)
      phone.sendPacket(payload => Buffer.concat([payload.subarray(0, 40), Buffer.alloc(96, marks.camera)]))
  }, 10)
  t.teardown(async () => {
    clearInterval(speaking)
    clearInterval(filming)
    for (const phone of phones) phone.close()
    agent.close()
    sip.close()
    await server.close()
  })
  const { callId } = agent
  return {
    server,
    call,
    pause: () => agent.signaling.request('capture.pause', { callId }),
    resume: () => agent.signaling.request('capture.resume', { callId }),
    /** A phone comes in, with a camera of its own. */
    camera: async () => {
      const { link } = await agent.sendCode()
      phones.push(await SimulatedCameraPhone.join(server.url, link, film))
    },
    entries: async () => {
      const [folder] = await server.archives()
      return folder === undefined ? [] : await readEntries(folder)
    },
  }
}

/** Which of the texts are in any file below the data folder, or in any of the record as it can be read. */
async function textsIn(server: InnerServer, folder: string, texts: readonly string[]): Promise<string[]> {
  const files = await readdir(server.dataDir, { recursive: true, withFileTypes: true })
  const raw = files
    .filter(one => one.isFile())
    .map(one => readFile(join(one.parentPath, one.name)).catch(() => Buffer.alloc(0)))
  const all = [...(await Promise.all(raw)), ...(await readCallFiles(folder)).map(one => one.bytes)]
  return texts.filter(text => all.some(bytes => bytes.includes(text)))
}
const ALL = ['BEFORE', 'BEHIND', 'AFTER'].flatMap(when => [`<CALLER ${when}>`, `<CAMERA ${when}>`])
/** Before it is asked to open: when the answer has come, it has been open for a moment. */
const nowIt = (when: string) => {
  marks.voice = `<CALLER ${when}>`
  marks.camera = `<CAMERA ${when}>`
}

t.test('[CS16] [CS18] a camera that starts behind the shutter: nothing of it is kept before it opens', async t => {
  const { server, call, pause, resume, camera, entries } = await talking(t)
  await delay(800)
  await pause()
  nowIt('BEHIND')
  await camera()
  await until('the camera', async () => (await entries()).some(entry => entry.type === 'camera.started'))
  await delay(1_500)
  nowIt('AFTER')
  await resume()
  await delay(2_000)
  await call.hangUp()
  const folder = await server.sealedArchive({ timeoutMs: 30_000 })
  const found = await textsIn(server, folder, ALL)
  t.same(found, ['<CALLER BEFORE>', '<CALLER AFTER>', '<CAMERA AFTER>'])
  t.same((await readManifest(folder)).findings, [])
})

for (const when of ['long before', 'in the very moment of'] as const)
  t.test(`[CS16] [CA6] the media worker is killed behind the shutter or ${when} it: it stays closed`, async t => {
    const { server, call, pause, resume, camera, entries } = await talking(t)
    await camera()
    await until('the camera', async () => (await entries()).some(entry => entry.type === 'camera.live'))
    await delay(800)
    const [pid] = await workerPids()
    // The dying worker answers nothing that it is asked now.
    if (when === 'in the very moment of') process.kill(pid ?? 0, 'SIGKILL')
    await pause()
    nowIt('BEHIND')
    await delay(200)
    if (when === 'long before') process.kill(pid ?? 0, 'SIGKILL')
    await until('the old worker to be gone', async () => !(await workerPids()).includes(pid ?? 0))
    await until('a new one', async () => (await workerPids()).length === 1)
    // The phone comes back into the new room, still behind the shutter.
    const started = async () => (await entries()).filter(entry => entry.type === 'camera.started').length
    await camera()
    await until('the camera again', async () => (await started()) === 2)
    await delay(1_500)
    t.equal(capturePauses(await entries()).length, 0, 'nothing has opened it')
    if (when === 'long before') {
      nowIt('AFTER')
      await resume()
      await delay(2_000)
    }
    await call.hangUp()
    const folder = await server.sealedArchive({ timeoutMs: 30_000 })
    const after = when === 'long before' ? ['<CALLER AFTER>', '<CAMERA AFTER>'] : []
    t.same(await textsIn(server, folder, ALL), ['<CALLER BEFORE>', '<CAMERA BEFORE>', ...after])
    const entriesKept = await readEntries(folder)
    t.equal(capturePauses(entriesKept).length, 1)
    t.equal(entriesKept.filter(entry => entry.type === 'capture.resumed').length, after.length / 2)
    t.same((await readManifest(folder)).findings, [])
  })
