import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { encodeG711, PAYLOAD_TYPE } from '../../scripts/simulated-caller/g711.ts'
import { tone } from '../../scripts/simulated-caller/sample-source.ts'
import { SipPhone } from '../../scripts/simulated-caller/sip-phone.ts'
import { wallClockMs } from '../../scripts/simulated-caller/voice-stream.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { InnerServer } from '../harness/app.ts'
import { readEntries, readManifest } from '../harness/archive-reader.ts'
import { callUp, longestGapMs, phoneHears } from '../harness/call-up.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { voiceCodecs } from '../harness/measure-page.ts'
import { needTool, runTool } from '../harness/tools.ts'
import { within } from '../harness/until.ts'

t.setTimeout(220_000)

const CALLER_HZ = 440
const AGENT_HZ = 620

const server = await InnerServer.start()
const browser = await TestBrowser.launch({ microphoneHz: AGENT_HZ })
const agent = await AgentPage.signIn(browser, server, await server.person('agent'))
t.teardown(async () => {
  await browser.close()
  await server.close()
})

for (const [transport, codec] of [
  ['udp', 'PCMA'],
  ['udp', 'PCMU'],
  ['tcp', 'PCMU'],
] as const) {
  t.test(`[E2E1] voice both ways, signalling over ${transport}, ${codec} without transcoding`, async t => {
    const { phone, call } = await callUp({ server, agent, says: tone(CALLER_HZ), transport, codecs: [codec] })
    t.teardown(() => phone.close())
    t.ok(call.statuses.includes(180), 'the caller heard ringing')
    t.equal(call.statuses.filter(status => status >= 200).length, 1, 'one final response')
    t.comment(`agent hears ${await agent.hears(CALLER_HZ)} Hz, caller hears ${await phoneHears(call, AGENT_HZ)} Hz`)
    t.same(
      [...new Set(call.voice.heard.map(packet => packet.payloadType))],
      [PAYLOAD_TYPE[codec]],
      'payload types on the wire',
    )
    t.equal(new Set(call.voice.heard.map(packet => packet.ssrc)).size, 1, 'one SSRC towards the phone')
    t.same(await voiceCodecs(agent.page), [`in audio/${codec}`, `out audio/${codec}`], 'and in the browser')
    await sleep(1600)
    const now = wallClockMs()
    const gapMs = longestGapMs(call, now - 1500, now)
    t.ok(gapMs < 400, `longest time without a packet at the caller: ${gapMs.toFixed(0)} ms`)
    if (transport === 'udp') {
      t.equal(await within('BYE', 5000, call.hangUp()), 200)
    } else {
      await agent.hangUp()
      t.match(await within('BYE from the server', 5000, call.ended), { by: 'peer' })
    }
    await agent.by('hang-up').waitFor({ state: 'detached' })
  })
}

t.test('[E2E7] hold and resume by the caller, answered as RFC 3264 says, and the voice is back both ways', async t => {
  const { phone, call } = await callUp({ server, agent, says: tone(CALLER_HZ) })
  t.teardown(() => phone.close())
  await agent.hears(CALLER_HZ)
  const first = await call.answered
  let version = first.version
  for (const [direction, answer, nullAddress] of [
    ['sendonly', 'recvonly', false],
    ['inactive', 'inactive', false],
    ['sendonly', 'recvonly', true],
  ] as const) {
    const held = await within('hold', 5000, call.renegotiate({ direction, nullAddress }))
    t.equal(held.status, 200)
    t.match(held.sdp, { direction: answer, port: first.port }, `${direction}${nullAddress ? ' with 0.0.0.0' : ''}`)
    t.ok((held.sdp?.version ?? 0) > version, 'the o= version goes up')
    version = held.sdp?.version ?? version
    await sleep(1500)
    const back = await within('resume', 5000, call.resume())
    t.match(back, { status: 200, sdp: { direction: 'sendrecv' } })
    version = back.sdp?.version ?? version
    await agent.hears(CALLER_HZ)
    await phoneHears(call, AGENT_HZ)
  }
  await call.hangUp()
  const folder = await server.sealedArchive({
    which: async folder => (await readEntries(folder)).some(entry => entry.type === 'voice.held'),
  })
  const types = (await readEntries(folder)).map(entry => entry.type).filter(type => type.startsWith('voice.'))
  t.same(types, ['voice.held', 'voice.retrieved', 'voice.held', 'voice.retrieved', 'voice.held', 'voice.retrieved'])
  t.match(await readManifest(folder), { end: { cause: 'caller-hung-up' } })
  await agent.by('hang-up').waitFor({ state: 'detached' })
})

t.test('[E2E1] a caller who gives up while it rings leaves nothing behind', async t => {
  const before = (await server.archives()).length
  const phone = await SipPhone.create({ server: server.sip('udp'), number: '13800138001' })
  t.teardown(() => phone.close())
  const call = await phone.call('4008001234')
  await within('ringing', 5000, call.rings)
  await agent.by('answer').waitFor()
  call.cancel()
  t.match(await within('487', 5000, call.ended), { by: 'us', status: 487 })
  await agent.by('answer').waitFor({ state: 'detached' })
  t.equal((await server.archives()).length, before)
  t.equal(await within('OPTIONS', 5000, phone.ping()), 200, 'a trunk that asks hears that we are alive')
})

t.test('[E2E1] sipp, a peer not of our making, calls in and its tone is heard', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'tongping-sipp-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'tone.ulaw'), encodeG711('PCMU', tone(880)(0, 8000)))
  await writeFile(join(folder, 'call.xml'), SIPP_SCENARIO)
  const sipp = runTool(
    needTool('sipp', 'sip-tester'),
    [
      '-sf',
      join(folder, 'call.xml'),
      '-s',
      '4008001234',
      '-i',
      '127.0.0.1',
      '-m',
      '1',
      '-nostdin',
      `${server.sipHost}:${server.sipPort}`,
    ],
    { timeoutMs: 40_000, cwd: folder },
  )
  await agent.answer()
  t.comment(`agent hears ${await agent.hears(880)} Hz from sipp`)
  const { status, stderr } = await sipp
  t.equal(status, 0, `every message came as sipp expected: ${stderr.slice(-300)}`)
  await agent.by('hang-up').waitFor({ state: 'detached' })
})

const SIPP_SCENARIO = `<?xml version="1.0" encoding="UTF-8"?>
<scenario name="a call with a tone">
  <send retrans="500"><![CDATA[
    INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
    Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
    From: <sip:13900139000@[local_ip]:[local_port]>;tag=[call_number]
    To: <sip:[service]@[remote_ip]:[remote_port]>
    Call-ID: [call_id]
    CSeq: 1 INVITE
    Contact: <sip:13900139000@[local_ip]:[local_port]>
    Max-Forwards: 70
    Content-Type: application/sdp
    Content-Length: [len]

    v=0
    o=sipp 1 1 IN IP4 [local_ip]
    s=-
    c=IN IP4 [media_ip]
    t=0 0
    m=audio [rtpstream_audio_port] RTP/AVP 0
    a=rtpmap:0 PCMU/8000
  ]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" timeout="10000"/>
  <recv response="200" rrs="true" timeout="20000"/>
  <send><![CDATA[
    ACK [next_url] SIP/2.0
    Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
    From: <sip:13900139000@[local_ip]:[local_port]>;tag=[call_number]
    [last_To:]
    [routes]
    Call-ID: [call_id]
    CSeq: 1 ACK
    Max-Forwards: 70
    Content-Length: 0
  ]]></send>
  <nop><action><exec rtp_stream="tone.ulaw,-1,0"/></action></nop>
  <pause milliseconds="6000"/>
  <send retrans="500"><![CDATA[
    BYE [next_url] SIP/2.0
    Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
    From: <sip:13900139000@[local_ip]:[local_port]>;tag=[call_number]
    [last_To:]
    [routes]
    Call-ID: [call_id]
    CSeq: 2 BYE
    Max-Forwards: 70
    Content-Length: 0
  ]]></send>
  <recv response="200" timeout="5000"/>
</scenario>
`
