import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { tone } from '../../scripts/simulated-caller/sample-source.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { complaintsOf, InnerServer } from '../harness/app.ts'
import { readEntries, readManifest, soundIn, voiceOf } from '../harness/archive-reader.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { Integration } from '../harness/integration.ts'
import { codeIn } from '../harness/measure-page.ts'
import { PhonePage } from '../harness/phone-page.ts'
import { type Person, RecordingClient } from '../harness/recording-client.ts'
import { shareOf } from '../harness/tone.ts'
import { until } from '../harness/until.ts'

// Another contact centre's session border controller hands us both voices of its calls (RFC 7865, 7866).
t.setTimeout(300_000)
const SECRET = 'a-secret-of-the-contact-centre'
const server = await InnerServer.start({
  external: {
    integrations: new Map([['acd', SECRET]]),
    siprec: { clients: ['127.0.0.1'], agents: [{ pattern: '20*', agent: 'agent' }] },
  },
})
const agentBrowser = await TestBrowser.launch({ microphoneHz: 620, language: 'en-US' })
const phoneBrowser = await TestBrowser.launch({
  phone: true,
  camera: { camera: 4, text: 'VALVE 4', colour: '#0050d0' },
})
t.teardown(async () => {
  await Promise.all([agentBrowser.close(), phoneBrowser.close()])
  await server.close()
})
const agent = await AgentPage.signIn(agentBrowser, server, await server.person('agent'))
const acd = new Integration(server, `Bearer acd:${SECRET}`)
// The agent first: the order of people says nothing once somebody is known.
const ANN: Person = { id: 'agent-1==', aor: 'sip:2001@pbx.example', name: 'Ann', says: tone(1500) }
const BOB: Person = { id: 'caller-1==', aor: 'tel:+8613800138055', name: 'Bob', says: tone(600) }
async function client(o: Partial<Parameters<typeof RecordingClient.create>[0]> = {}): Promise<RecordingClient> {
  const made = await RecordingClient.create({ sipPort: server.sipPort, people: [ANN, BOB], ...o })
  t.teardown(() => made.close())
  return made
}
const sealedCalls = async () =>
  (
    await Promise.all(
      (
        await server.archives()
      ).map(async folder => ({ folder, manifest: await readManifest(folder).catch(() => undefined) })),
    )
  ).flatMap(({ folder, manifest }) => (manifest ? [{ folder, manifest }] : []))

t.test('[EX11] what a recording client must say, and what it is refused with', async t => {
  const refused = async (
    why: string,
    status: number,
    o: Parameters<RecordingClient['invite']>[0],
    people = [ANN, BOB],
  ) => {
    const src = await client({ people })
    t.equal(await src.invite(o), status, why)
  }
  await refused('no description', 400, { metadata: '' })
  await refused('a document type', 400, { metadata: '<!DOCTYPE recording [<!ENTITY a "b">]><recording/>' })
  await refused('another document', 400, { metadata: '<recording xmlns="urn:else"/>' })
  await refused('nobody of ours', 480, {}, [{ ...ANN, aor: 'sip:9999@pbx.example' }, BOB])
  const video = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 4000 RTP/AVP 96\r\n'
  await refused('no voice', 488, { sdp: video })
  t.same(await server.archives(), [], 'nothing was opened')
})

t.test('[EX12] both voices of a client go into their own tracks; the agent’s page shows the picture', async t => {
  const src = await client()
  t.equal(await src.invite(), 200)
  const { answer } = src
  t.match(answer.get('contact'), /;\+sip\.srs/)
  const lines = answer.body.toString().split('\r\n')
  t.same(
    lines.filter(line => /^a=(label|recvonly)/.test(line)),
    ['a=label:96', 'a=recvonly', 'a=label:97', 'a=recvonly'],
  )
  await agent.by('external-call').waitFor()
  t.equal(await agent.by('external-call').getAttribute('data-voice'), 'recorded')
  t.match(await agent.by('active-number').textContent(), '+8613800138055')
  const bound = await acd.post('/api/external-calls', { externalId: src.sessionId, agentId: 'agent' })
  t.equal(bound.status, 200)
  t.equal(bound.body.voice, 'recorded', 'registered under the session’s id it is the same call')
  const phone = await PhonePage.open(phoneBrowser, bound.code.link)
  await phone.startCamera()
  await until('a frame at the agent', () => codeIn(agent.by('remote-video')).catch(() => undefined))
  await sleep(1_500)

  const paused = await src.change({ pause: [0, 1] })
  t.equal(paused.body.toString().match(/a=inactive/g)?.length, 2, 'what is not sent is not awaited')
  await sleep(2_500)
  await src.change({})
  await sleep(1_500)
  await src.bye()
  await agent.by('ended-call').waitFor()
  const folder = await server.sealedArchive({ muxed: true, timeoutMs: 60_000 })
  const manifest = await readManifest(folder)
  t.match(manifest.external, { system: 'siprec', id: src.sessionId, origin: 'siprec', voice: 'recorded' })
  t.equal(manifest.end.cause, 'ended-elsewhere')
  t.same(manifest.findings, [], 'a pause of the client is no loss')
  const caller = await voiceOf(folder, 'tracks/caller-voice-1.rtpj')
  const own = await voiceOf(folder, 'tracks/agent-voice-1.rtpj')
  t.ok(caller.packets > 150 && own.packets > 150, `${caller.packets} and ${own.packets} packets`)
  t.ok(shareOf(600, caller.samples, 8000) > 0.9, 'the caller’s tone in the caller’s track')
  t.ok(shareOf(1500, own.samples, 8000) > 0.9, 'the agent’s tone in the agent’s track')
  const [left, right] = [
    await soundIn(`${folder}/derived/replay.webm`, 0),
    await soundIn(`${folder}/derived/replay.webm`, 1),
  ]
  // In short windows: where packets came late or a pause lies between, the tone does not go on where it was.
  const windows = (samples: Int16Array, hz: number) =>
    Array.from({ length: 20 }, (_, n) => shareOf(hz, samples.slice(n * 800, (n + 1) * 800), 8000) > 0.7).filter(Boolean)
  t.ok(windows(left, 600).length > 12, 'the caller left in the replay')
  t.ok(windows(right, 1500).length > 12, 'the agent right')
  t.equal(windows(left, 1500).length + windows(right, 600).length, 0, 'and nowhere else')
  const told = (await readEntries(folder)).map(entry => entry.type).filter(type => type.startsWith('voice.'))
  t.same(told, ['voice.attached', 'voice.detached', 'voice.attached'])
})

t.test('[EX13] a call registered by REST gets the voices of the client that names it', async t => {
  const registered = await acd.post('/api/external-calls', {
    externalId: 'acd-5',
    agentId: 'agent',
    callerNumber: '13900139000',
  })
  t.equal(registered.body.voice, 'elsewhere')
  // Nobody of these is an agent here: the registration says whose call it is.
  const src = await client({
    sessionId: 'acd-5',
    codec: 'PCMA',
    srtp: true,
    people: [BOB, { ...ANN, aor: 'sip:other@pbx.example' }],
  })
  t.equal(await src.invite(), 200)
  t.equal((await acd.get('/api/external-calls/acd-5')).body.voice, 'recorded')
  const second = await client({ sessionId: 'acd-5' })
  t.equal(await second.invite(), 486, 'a call is recorded once')
  await src.describe(src.metadata({ mode: 'partial', people: [BOB] }))
  const gap = src.metadata({ mode: 'partial', people: [BOB] }).replace('<send>stream-0==', '<send>stream-9==')
  await src.describe(gap)
  const asked = await src.peer.nextRequest('UPDATE', 5000)
  t.equal(asked.get('content-type'), 'application/rs-metadata-request')
  t.match(asked.body.toString(), /requestsnapshot/)
  src.peer.respond(asked, 200)
  await sleep(2_500)
  t.match((await acd.post('/api/external-calls/acd-5/end')).body, { end: 'ended-elsewhere' })
  const bye = await src.peer.nextRequest('BYE', 5000)
  src.peer.respond(bye, 200)
  const found = await until(
    'the record',
    async () => (await sealedCalls()).find(({ manifest }) => manifest.external?.id === 'acd-5'),
    { timeoutMs: 30_000, everyMs: 300 },
  )
  t.match(found.manifest, {
    from: '13900139000',
    external: { system: 'acd', origin: 'api', voice: 'recorded' },
    findings: [],
  })
  t.ok(shareOf(600, (await voiceOf(found.folder, 'tracks/caller-voice-1.rtpj')).samples, 8000) > 0.9)
  t.ok(shareOf(1500, (await voiceOf(found.folder, 'tracks/agent-voice-1.rtpj')).samples, 8000) > 0.9)
  t.same(complaintsOf(agentBrowser, phoneBrowser), [])
})
