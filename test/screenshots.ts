/**
 * Makes the pictures of docs/screenshots from real calls: server, media worker, Chromiums and a SIP phone of our own.
 * `node test/screenshots.ts [folder]`; with SHOT_LANGUAGE=en those of the README in English. Needs MEDIASOUP_WORKER_BIN,
 * ffmpeg and Chromium as the end-to-end tests do.
 */
import { Album } from './screenshots/album.ts'
import { evidenceIsMade } from './screenshots/evidence-states.ts'
import { guestHelps, supervisorLooksOn } from './screenshots/onlooker-states.ts'
import { marksOnTheMove, refusals } from './screenshots/other-calls.ts'
import {
  phoneDraws,
  phoneHoldsStill,
  phoneJoins,
  phonePauses,
  phoneUploads,
  pictureFallsBack,
} from './screenshots/phone-states.ts'
import { LABEL_CAMERA, PicturedCall } from './screenshots/pictured-call.ts'
import { cardsArePushed, diagramIsPushed, pagesArePushed, screenIsShared } from './screenshots/push-states.ts'
import { reviewerReplays } from './screenshots/review-states.ts'
import { voiceIsPictured } from './screenshots/voice-states.ts'
import {
  workbenchDocument,
  workbenchInk,
  workbenchMarks,
  workbenchReads,
  workbenchRebind,
  workbenchRings,
  workbenchScans,
} from './screenshots/workbench-states.ts'

// SHOT_SET=evidence, voice: instead of these, every state of what becomes evidence, or of the voice, for a look; SHOT_ONLY:
// names, with commas.
const set = process.env.SHOT_SET
const README = new Set(['agent-code', 'agent-marks', 'phone-ask', 'phone-marks', 'review'])
const isEnglish = process.env.SHOT_LANGUAGE === 'en'
const album = await Album.open(process.argv[2] ?? 'docs/screenshots', {
  language: isEnglish ? 'en-US' : 'zh-CN',
  only: process.env.SHOT_ONLY
    ? new Set(process.env.SHOT_ONLY.split(','))
    : isEnglish && set === undefined
      ? README
      : undefined,
  checks: set !== undefined,
})
const part = album.part.bind(album)

async function mainCall(): Promise<void> {
  const call = await PicturedCall.start(album, {
    camera: { camera: LABEL_CAMERA },
    settings: { push: { linkDomains: ['example.com'] } },
  })
  try {
    await workbenchRings(call)
    await phoneJoins(call)
    if (!isEnglish) {
      await part('pause', () => phonePauses(call))
      await part('hold still', () => phoneHoldsStill(call))
      await part('scan', () => workbenchScans(call))
    }
    await workbenchMarks(call)
    if (!isEnglish) {
      await part('drawing on the phone', () => phoneDraws(call))
      await part('ink', () => workbenchInk(call))
      await part('reading', () => workbenchReads(call))
      await part('guest', () => guestHelps(call))
      await part('supervisor', () => supervisorLooksOn(call))
      await part('rebind', () => workbenchRebind(call))
      await part('cards', () => cardsArePushed(call))
      await part('pages', () => pagesArePushed(call))
      await part('diagram', () => diagramIsPushed(call))
      await part('share', () => screenIsShared(call))
      await part('uploads', () => phoneUploads(call))
      await part('document', () => workbenchDocument(call))
      await part('slow scan', async () => {
        await call.live()
        await pictureFallsBack(call)
      })
    }
    await call.hangUp()
    await call.phone.by('ended').waitFor()
    await album.shot(call.phone.page, 'phone-ended')
    await album.shot(call.agent.page, 'agent-ended')
    await part('review', () => reviewerReplays(call))
  } finally {
    await call.close()
  }
}

if (set === 'evidence') await part('evidence', () => evidenceIsMade(album))
else if (set === 'voice') await part('voice', () => voiceIsPictured(album))
else await part('the call', mainCall)
if (!isEnglish && set === undefined) {
  await part('marks on the move', () => marksOnTheMove(album))
  await part('refusals', () => refusals(album))
}
for (const [fault, name] of album.faults) console.log(`${name}: ${fault}`)
if (album.missed.length > 0) {
  console.error(`not made: ${album.missed.join(', ')}`)
  process.exitCode = 1
}
