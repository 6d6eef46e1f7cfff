import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { printPicture } from '../../../media/picture/print-picture.ts'
import { answeredCall } from '../../../recordings/fixture.ts'
import {
  beepingVoice,
  camera,
  flashingFrames,
  play,
  replayRequest,
  testMuxer,
} from '../../../recordings/mux/fixture.ts'
import { LocalFolder } from '../../../recordings/store/local-folder.ts'
import type { CallFilesRef } from '../../../recordings/vault/call-files.ts'
import { encryptFolder } from '../../../recordings/vault/encrypt-folder.ts'
import { KeyRing } from '../../../recordings/vault/key-ring.ts'
import { LocalKey } from '../../../recordings/vault/local-key.ts'
import { Vault } from '../../../recordings/vault/vault.ts'
import { newId } from '../../../signaling/protocol/new-id.ts'
import type { ExportOrder } from './export-order.ts'

export const NUMBER = '13900139000'
export const CARD_NUMBER = '6222021234567890'
type Test = { teardown(fn: () => unknown): void }

/** A call with two beeping voices, a flashing camera, a page with ink and text, sealed and muxed by the real parts. */
export async function mixedCall(t: Test, seconds = 6) {
  const call = await answeredCall(t)
  const { archive } = call
  const agent = { ...call.facts.agent, name: '林晓雨' }
  const participants = [
    { id: newId('part'), role: 'caller' as const, displayName: '' },
    { id: newId('part'), role: 'agent' as const, displayName: agent.name },
  ]
  const [caller, staff] = participants as [(typeof participants)[0], (typeof participants)[0]]
  const facts = { ...call.facts, from: NUMBER, agent, participants }
  archive.journal.append({
    ...{ type: 'call.answered', callId: call.callId, wallClock: facts.answeredAt, voiceCodec: 'PCMU' },
    ...{ from: facts.from, to: facts.to, agent },
  })
  for (const participant of participants) archive.journal.append({ type: 'participant.joined', participant })
  const consent = { kind: 'camera', textVersion: '2026-01', language: 'zh-CN', given: true } as const
  archive.journal.append({ type: 'consent.given', consent, recordedBy: 'caller' })
  archive.journal.append({ type: 'camera.started', by: caller.id })
  archive.journal.append({ type: 'camera.live', by: caller.id })
  const endMs = seconds * 1000
  const frames = flashingFrames({ codec: 'VP8', seconds, size: '320x240', flashFrames: 3 })
  await play(call.clock, [
    ...beepingVoice({ archive, track: 'caller-voice', fromMs: 0, toMs: endMs, delayMs: () => 20 }),
    ...beepingVoice({ archive, track: 'agent-voice', fromMs: 0, toMs: endMs, hz: 600, delayMs: () => 20 }),
    ...camera({ ...{ archive, codec: 'VP8', frames, fromMs: 0, ssrc: 1 }, delayMs: () => 20 }),
  ])
  const pageId = newId('page')
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480"><rect width="640" height="480" fill="#e8edf3"/><text x="60" y="240" font-size="40">Meter 00417 m3</text></svg>`
  const { jpeg: bytes } = await printPicture(Buffer.from(svg), 640)
  const { file } = await archive.addFile(`pictures/${pageId}.jpg`, bytes)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const picture = {
    ...{ file, sha256, type: 'image/jpeg' as const, widthPx: 640, heightPx: 480 },
    source: 'server-key-frame' as const,
  }
  const { journal } = archive
  journal.append({ type: 'page.added', page: { id: pageId, by: staff.id, kind: 'camera', picture } })
  journal.append({ type: 'stage.page', by: staff.id, pageId })
  const points: [number, number][] = [
    [0.08, 0.42],
    [0.6, 0.56],
  ]
  const mark = { id: newId('mark'), shape: 'circle' as const, colour: 'red' as const, points }
  journal.append({ type: 'mark.begun', by: staff.id, on: pageId, mark })
  const text = `燃气表读数 00417\n卡号 ${CARD_NUMBER}\n电话 ${NUMBER}`
  journal.append({ type: 'text.recognised', by: staff.id, result: { pageId, text, confidence: 88, lines: [] } })
  journal.append({ type: 'call.ended', end: { cause: 'caller-hung-up' } })
  const manifest = await archive.seal({ end: { cause: 'caller-hung-up' }, facts, key: call.key })
  await (await testMuxer(t)).mux(replayRequest(archive.folder))
  return { ...call, folder: archive.folder, manifest, pageId }
}

/** The same call encrypted where it lies; the way to read it afterwards. */
export async function encrypt(
  call: Pick<Awaited<ReturnType<typeof mixedCall>>, 'folder' | 'callId' | 'key' | 'root'>,
): Promise<CallFilesRef> {
  const keys = new KeyRing(await LocalKey.loadOrCreate(join(call.root, 'keys/master.key')).then(({ key }) => key))
  const vault = new Vault({ keys, sealKey: call.key, encrypt: encryptFolder })
  await vault.encryptCall(call.folder)
  const { dataKey } = await vault.dataKeyOf(new LocalFolder(call.folder))
  return { kind: 'vault', folder: call.folder, callId: call.callId, dataKey: dataKey.toString('base64') }
}

export function orderFor(
  call: Pick<Awaited<ReturnType<typeof mixedCall>>, 'folder' | 'callId' | 'key' | 'root'>,
  o: { folder: string; pagesFolder: string; files?: CallFilesRef; origin?: Partial<ExportOrder['origin']> },
): ExportOrder {
  const at = '2026-02-03T04:05:06.000Z'
  return {
    files: o.files ?? { kind: 'plain', folder: call.folder },
    callId: call.callId,
    origin: {
      ...{ exportId: 'exp_test', kind: 'evidence', language: 'zh-CN', by: { id: 'user_1', name: '王复核' } },
      ...{ reason: '纠纷取证', at, ...o.origin },
    },
    access: [{ at, userName: '王复核', action: 'open', detail: '纠纷取证' }],
    trustedKeys: [call.key.publicKeyPem],
    sealKey: { keyId: call.key.keyId, publicKeyPem: call.key.publicKeyPem },
    anchorsFolder: join(call.root, 'anchors'),
    authorities: [],
    pagesFolder: o.pagesFolder,
    workFolder: o.folder,
    out: join(o.folder, 'package.zip'),
    timeZone: 'Asia/Shanghai',
  }
}
