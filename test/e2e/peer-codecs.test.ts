import t from 'tap'
import { indexTrack } from '../../recordings/mux/packet-runs.ts'
import { drawVoiceLine } from '../../recordings/mux/voice-line.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { InnerServer } from '../harness/app.ts'
import { filesOfCall, readEntries } from '../harness/archive-reader.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { voiceCodecs } from '../harness/measure-page.ts'
import { Baresip } from '../harness/peers/baresip.ts'
import { bothHear } from '../harness/peers/both-hear.ts'
import { dominantHz } from '../harness/tone.ts'

t.setTimeout(200_000)

const CALLER_HZ = 440
const AGENT_HZ = 620
const FFMPEG = process.env.FFMPEG_BIN ?? 'ffmpeg'

const server = await InnerServer.start()
const browser = await TestBrowser.launch({ microphoneHz: AGENT_HZ })
const agent = await AgentPage.signIn(browser, server, await server.person('agent'))
t.teardown(async () => {
  await browser.close()
  await server.close()
})

for (const { rule, number, peerCodec, codec, mediaEncryption } of [
  { rule: 'CD15', number: '13900139101', peerCodec: 'g722/8000', codec: 'G722', mediaEncryption: undefined },
  { rule: 'CD15', number: '13900139102', peerCodec: 'opus/48000/2', codec: 'opus', mediaEncryption: undefined },
  { rule: 'SR30', number: '13900139103', peerCodec: 'pcma', codec: 'PCMA', mediaEncryption: 'srtp-mand' },
] as const) {
  const how = mediaEncryption === undefined ? `only ${codec}` : `${codec} over RTP/SAVP`
  t.test(`[${rule}] baresip with ${how} and an agent in Chromium hear each other, and the record holds it`, async t => {
    const peer = await Baresip.start({
      ...{ saysHz: CALLER_HZ, number, codecs: [peerCodec] },
      ...(mediaEncryption && { mediaEncryption }),
    })
    t.teardown(() => peer.close())
    await peer.call(peer.uriAt(server, '4008001234'), { whileRinging: () => agent.answer() })
    await bothHear({ agent, peer, callerHz: CALLER_HZ, agentHz: AGENT_HZ })
    t.same(await voiceCodecs(agent.page), [`in audio/${codec}`, `out audio/${codec}`], 'untranscoded in the browser')
    await peer.hold()
    await agent.by('held').waitFor()
    await peer.resume()
    await agent.by('held').waitFor({ state: 'detached' })
    await bothHear({ agent, peer, callerHz: CALLER_HZ, agentHz: AGENT_HZ })
    await peer.hangUp()
    await agent.by('hang-up').waitFor({ state: 'detached' })
    const folder = await server.sealedArchive({
      which: async folder =>
        (await readEntries(folder)).some(e => e.type === 'call.answered' && e.from.includes(number)),
    })
    const files = await filesOfCall(folder)
    for (const [name, hz] of [
      ['caller-voice', CALLER_HZ],
      ['agent-voice', AGENT_HZ],
    ] as const) {
      const index = await indexTrack(files, `tracks/${name}-1.rtpj`, { heads: false })
      t.equal(index.header.codec, codec)
      const line = drawVoiceLine(files, [index], index.endsAtMs, FFMPEG)
      t.ok(line.packets > 50 && line.otherPackets === 0, `${name}: ${line.packets} packets`)
      let heard = 0
      for (let at = 0; at + 1600 <= line.pcm.length; at += 1600) {
        const strongest = dominantHz(line.pcm.subarray(at, at + 1600), 8000)
        if (strongest !== undefined && Math.abs(strongest - hz) < 20) heard++
      }
      t.ok(heard >= 4, `${name}: ${heard} blocks of 200 ms with ${hz} Hz`)
    }
    if (mediaEncryption !== undefined) {
      for (const { path } of await files.list()) {
        if (path.endsWith('.ogg') || path.endsWith('.webm')) continue
        const bytes = await files.read(path)
        t.notOk(bytes.includes('inline:') || bytes.includes('a=crypto'), `${path} holds no key`)
      }
    }
  })
}
