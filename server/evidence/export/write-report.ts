import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { printPicture } from '../../../media/picture/print-picture.ts'
import { watermarked } from '../../../media/picture/watermark.ts'
import type { CallFiles } from '../../../recordings/vault/call-files.ts'
import type { ExportOrder } from './export-order.ts'
import { exportSpeech } from './export-speech.ts'
import { coveredPath } from './package-plan.ts'
import type { RecordFacts } from './read-facts.ts'
import { ReportPdf } from './report/draw-report.ts'
import { reportBlocks } from './report/report-blocks.ts'

/** Of the longer side: sharp at the size it is printed in. */
const PICTURE_PX = 900

/** Writes the printable report of a record. `facts` as they may be shown. @throws the file system's error */
export async function writeReport(
  path: string,
  { files, facts, order }: { files: CallFiles; facts: RecordFacts; order: ExportOrder },
): Promise<void> {
  const { origin } = order
  const speech = exportSpeech(origin.language, order.timeZone)
  const { words, time, number } = speech
  const plain = origin.kind === 'evidence'
  const lines = [origin.by.name, time(origin.at)]
  const pdf = new ReportPdf({
    title: words.title,
    subtitle: `${order.callId} · ${words.kinds[origin.kind]} · ${time(origin.at)}`,
    footer: `${order.callId} · ${origin.exportId} · ${origin.by.name} · ${time(origin.at)}`,
    pageText: (page, pages) => words.page(number(page), number(pages)),
    at: new Date(origin.at),
    picture: async file => {
      // A redacted package shows no picture of the original.
      const { redactionId } = origin
      const path = redactionId === undefined ? file : coveredPath(facts.list, redactionId, file)
      if (path === undefined) return undefined
      try {
        const image = await files.read(path)
        return await printPicture(plain ? image : await watermarked(image, lines, { widthPx: PICTURE_PX }), PICTURE_PX)
      } catch {
        return undefined
      }
    },
    pictureMissing: words.pictureMissing,
  })
  const written = pipeline(pdf.output, createWriteStream(path, { mode: 0o600 }))
  await Promise.all([written, pdf.draw(reportBlocks({ facts, origin, access: order.access, speech }))])
}
