import type { RequestName } from '../../../signaling/protocol/catalogue.ts'
import type { PageId, ParticipantId } from '../../../signaling/protocol/ids.ts'
import type { JournalEvent } from '../../../signaling/protocol/journal-entry.ts'
import type { Picture, PictureSource } from '../../../signaling/protocol/page.ts'
import type { CameraControl } from '../../../signaling/protocol/phone.ts'
import type { Code, DocumentKind, Region } from '../../../signaling/protocol/reading.ts'
import type { ConsentKind, Scenario } from '../../../signaling/protocol/scenario.ts'

const common: Pick<Scenario, 'consents' | 'documentFields' | 'retentionClass' | 'calledNumbers'> = {
  consents: { recording: 'optional' },
  documentFields: 'masked',
  retentionClass: 'normal',
  calledNumbers: [],
}
const repair: Scenario['tools'] = [
  'draw',
  'caller-draw',
  'live-marks',
  'camera-control',
  'text',
  'codes',
  'upload',
  'push',
  'share',
  'guest',
]

/** SIMULATED: two kinds of call with different tools. */
export const SIMULATED_SCENARIOS: readonly Scenario[] = [
  { ...common, id: 'repair', title: { 'zh-CN': '报修指导', en: 'Repair' }, tools: repair },
  {
    ...common,
    id: 'identity',
    title: { 'zh-CN': '身份核验', en: 'Identity check' },
    tools: ['text', 'document', 'face', 'camera-control'],
  },
]

/** SIMULATED: of the size a picture of that source would have. */
export function simulatedPictureOf(source: PictureSource): Picture {
  const large = source === 'phone-photo'
  return {
    widthPx: large ? 4032 : 1280,
    heightPx: large ? 2268 : 720,
    file: 'pictures/1.webp',
    sha256: (large ? '1' : '0').repeat(64),
    type: 'image/webp',
    source,
    rtpTimestamp: 1,
  }
}

type Asked = { readonly by: ParticipantId; readonly qrSvg: string; readonly tell: (event: JournalEvent) => void }

const LINES = [
  { text: 'HG8245 GPON', confidence: 94, box: { x: 0.26, y: 0.33, width: 0.3, height: 0.07 } },
  { text: 'S/N: TP-2026-0815', confidence: 92, box: { x: 0.26, y: 0.43, width: 0.3, height: 0.06 } },
  { text: 'SSID: Home-5G-1F3A', confidence: 88, box: { x: 0.26, y: 0.51, width: 0.3, height: 0.06 } },
  { text: 'KEY: r7Kq-92mX', confidence: 58, box: { x: 0.26, y: 0.58, width: 0.26, height: 0.06 } },
]

function text(pageId: PageId, region: Region | undefined, asked: Asked): object {
  const inside = LINES.filter(
    ({ box }) => !region || (box.y >= region.y && box.y + box.height <= region.y + region.height),
  )
  const serial = inside.find(line => line.text.startsWith('S/N'))
  const result = {
    pageId,
    ...(region && { region }),
    text: inside.map(line => line.text).join('\n'),
    confidence: 87,
    lines: inside,
    ...(serial && {
      findings: [
        {
          recogniser: 'serial',
          title: { 'zh-CN': '序列号', en: 'Serial number' },
          value: 'TP-2026-0815',
          box: serial.box,
        },
      ],
    }),
  }
  asked.tell({ type: 'text.recognised', by: asked.by, result })
  return result
}

function document(pageId: PageId, kind: DocumentKind, asked: Asked): object {
  const result = {
    pageId,
    kind,
    fields: [
      { name: 'name' as const, value: '张*', confidence: 91, check: 'none' as const },
      { name: 'number' as const, value: '110105********0021', confidence: 96, check: 'passed' as const },
      { name: 'birth-date' as const, value: '1949-12-31', confidence: 93, check: 'passed' as const },
      { name: 'valid-until' as const, value: '2031-02-30', confidence: 61, check: 'failed' as const },
    ],
    checksPassed: false,
    masked: true,
  }
  asked.tell({ type: 'document.read', by: asked.by, result })
  return result
}

/** SIMULATED: what assistants, phone and server would answer, told as entries the way the server tells them. */
export function simulatedAssist(name: RequestName, data: Record<string, unknown>, asked: Asked): object {
  const { by, tell } = asked
  const pageId = data.pageId as PageId
  switch (name) {
    case 'text.read':
      return text(pageId, data.region as Region | undefined, asked)
    case 'text.correct':
      tell({ type: 'text.corrected', by, reading: data.reading as number, text: data.text as string })
      return {}
    case 'codes.read': {
      const corners: Code['corners'] = [
        [0.6, 0.4],
        [0.7, 0.4],
        [0.7, 0.6],
        [0.6, 0.6],
      ]
      const codes: Code[] = [{ format: 'qr', text: 'https://help.example/d/HG8245?sn=TP-2026-0815', corners }]
      const result = { at: { pageId }, codes }
      tell({ type: 'codes.found', by, result })
      return result
    }
    case 'codes.seen': {
      const result = { at: { rtpTimestamp: data.rtpTimestamp as number }, codes: data.codes as Code[] }
      tell({ type: 'codes.found', by, result })
      return result
    }
    case 'document.read':
      return document(pageId, data.kind as DocumentKind, asked)
    case 'document.judge':
      tell({ type: 'document.judged', by, reading: data.reading as number, verdict: data.verdict as 'matches' })
      return {}
    case 'face.compare': {
      const result = {
        documentPageId: data.documentPageId as PageId,
        facePageId: data.facePageId as PageId,
        outcome: 'compared' as const,
        score: 0.71,
        threshold: 0.6,
        model: 'simulated',
      }
      tell({ type: 'face.compared', by, result })
      return result
    }
    case 'camera.control':
      tell({ type: 'camera.controlled', by, control: data.control as CameraControl, outcome: 'done' })
      return {}
    case 'consent.ask':
      tell({ type: 'consent.asked', by, kind: data.kind as ConsentKind })
      return {}
    case 'picture.prefer':
      return {}
    case 'guest.invite':
      return {
        link: 'https://192.168.1.20:8443/g/2hVd91',
        qrSvg: asked.qrSvg,
        expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
      }
    default:
      throw new Error(`not simulated: ${name}`)
  }
}
