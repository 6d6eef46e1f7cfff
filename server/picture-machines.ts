import { CodeReader } from '../media/picture/code-reader.ts'
import { FaceComparer } from '../media/picture/face/face-comparer.ts'
import { PictureIntake } from '../media/picture/intake.ts'
import { PdfRenderer } from '../media/picture/pdf-renderer.ts'
import { TextReader } from '../media/picture/text-reader.ts'
import type { CallDeps } from './calls/call-parts.ts'
import type { Config } from './config.ts'
import type { Lifetime } from './lifetime.ts'
import type { Logger } from './logger.ts'
import { Recognisers } from './recognisers/recognisers.ts'

/** What takes pictures in, reads and draws them: child processes and threads, one set for the whole node. */
export type PictureMachines = {
  readonly faces: FaceComparer
  readonly reader: TextReader
  readonly intake: PictureIntake
  readonly codes: CodeReader
  readonly recognisers: Recognisers
  readonly pdf: PdfRenderer
}

/** @throws Error with one clear line when a native part or the recognisers' file is missing */
export async function openPictureMachines(o: {
  config: Config
  logger: Logger
  life: Lifetime
}): Promise<PictureMachines> {
  const { config, logger, life } = o
  return {
    faces: life.add('face comparer', await FaceComparer.create({ logger })),
    reader: life.add('text reader', await TextReader.create({ processes: config.textProcesses, logger })),
    intake: life.add('picture intake', await PictureIntake.create({ logger })),
    codes: life.add('code reader', await CodeReader.create({ logger })),
    recognisers: life.add('recognisers', await Recognisers.load(config.recognisersFile, logger)),
    pdf: life.add('PDF renderer', await PdfRenderer.create({ logger })),
  }
}

/** The machines as calls want them. */
export function machinesOfCalls(
  machines: PictureMachines,
): Pick<CallDeps, 'readText' | 'readCodes' | 'recognise' | 'documents' | 'intake'> {
  const { reader, codes, recognisers, faces, intake } = machines
  return {
    readText: (picture, region) => reader.read(picture, region),
    readCodes: (picture, region) => codes.read(picture, region),
    recognise: texts => recognisers.find(texts),
    documents: {
      readDocument: (picture, kind, region) => reader.readDocument(picture, kind, region),
      compareFaces: (document, live) => faces.compare(document, live),
    },
    intake,
  }
}
