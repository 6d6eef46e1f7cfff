import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { TestBrowser } from './chromium.ts'
import { codeIn, heardTone, watchFrames } from './measure-page.ts'
import { until } from './until.ts'

/** A page that calls itself: camera and microphone go through WebRTC and come back. */
const PAGE = `<!doctype html><video id="v" autoplay playsinline></video><script type="module">
const media = await navigator.mediaDevices.getUserMedia({ video: true, audio: true })
const a = new RTCPeerConnection(), b = new RTCPeerConnection()
a.onicecandidate = e => b.addIceCandidate(e.candidate); b.onicecandidate = e => a.addIceCandidate(e.candidate)
b.ontrack = e => { document.getElementById('v').srcObject = e.streams[0] }
for (const track of media.getTracks()) a.addTrack(track, media)
await a.setLocalDescription(); await b.setRemoteDescription(a.localDescription)
await b.setLocalDescription(); await a.setRemoteDescription(b.localDescription)
</script>`

t.test('[HAR3] a browser sends its fake camera and microphone, and both are recognised after WebRTC', async t => {
  const server = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(PAGE))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const browser = await TestBrowser.launch({
    camera: { camera: 5, text: 'SN: TP-2026-0815', colour: '#d08000' },
    microphoneHz: 620,
  })
  t.teardown(() => browser.close())
  const page = await browser.page(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  const code = await until('a decoded frame', () => codeIn(page.locator('#v')))
  t.equal(code.camera, 5)
  const tone = await until('the microphone’s tone', () => heardTone(page))
  t.ok(Math.abs(tone.hz - 620) < 15, `${tone.hz} Hz at ${tone.levelDb} dB`)
  const frames = await watchFrames(page.locator('#v'), 1500)
  t.ok(frames.length > 15, `${frames.length} frames read in 1.5 s`)
  const first = frames[0]
  const last = frames.at(-1)
  const advanced = first && last ? (last.counter - first.counter + 600) % 600 : 0
  t.ok(
    advanced > 30 && advanced < 60,
    `the counter went on by ${advanced} in ${last && first ? last.atMs - first.atMs : 0} ms`,
  )
  t.same(browser.complaints, [])
})
