import * as z from 'zod'
import { PageId } from './ids.ts'
import { Point } from './mark.ts'

/** A rectangle in 0..1 of the picture. */
export const Region = z.object({
  x: z.number().min(0).max(1),
  y: z.number().min(0).max(1),
  width: z.number().min(0).max(1),
  height: z.number().min(0).max(1),
})
export type Region = z.infer<typeof Region>

/** What an operator's recogniser found in a text or code: a serial number, an error code, a meter reading. */
export const Finding = z.object({
  /** Name of the recogniser, as configured. */
  recogniser: z.string().max(60),
  /** Its title in both languages, as configured. */
  title: z.object({ 'zh-CN': z.string().max(60), en: z.string().max(60) }),
  value: z.string().max(200),
  box: Region.optional(),
})
export type Finding = z.infer<typeof Finding>

export const RecognisedText = z.object({
  pageId: PageId,
  region: Region.optional(),
  text: z.string().max(20_000),
  /** 0..100, as tesseract reports it. */
  confidence: z.number(),
  lines: z.array(z.object({ text: z.string(), confidence: z.number(), box: Region })).max(500),
  findings: z.array(Finding).max(50).optional(),
  /** How far the text was turned straight before reading, in degrees clockwise. */
  deskewedDeg: z.number().optional(),
})
export type RecognisedText = z.infer<typeof RecognisedText>

export const CODE_FORMATS = [
  'qr',
  'data-matrix',
  'ean-13',
  'ean-8',
  'upc-a',
  'upc-e',
  'code-128',
  'code-39',
  'pdf417',
  'aztec',
  'itf',
  'codabar',
] as const
export const Code = z.object({
  format: z.enum(CODE_FORMATS),
  text: z.string().max(4_000),
  /** The four corners in 0..1 of the picture, clockwise from the code's own top left. */
  corners: z.array(Point).length(4),
})
export type Code = z.infer<typeof Code>
export const CodesFound = z.object({
  /** Of a page, read by the server; of the live picture, seen by the agent's browser in the frame of `rtpTimestamp`. */
  at: z.union([z.object({ pageId: PageId }), z.object({ rtpTimestamp: z.number().int().nonnegative() })]),
  region: Region.optional(),
  codes: z.array(Code).max(20),
  findings: z.array(Finding).max(50).optional(),
})
export type CodesFound = z.infer<typeof CodesFound>

export const DocumentKind = z.enum(['cn-id-front', 'cn-id-back', 'cn-licence', 'mrz', 'bank-card'])
export type DocumentKind = z.infer<typeof DocumentKind>
/** One field of a document. `check`: whether its check digit (or its inner logic: date, region code) holds. */
export const DocumentField = z.object({
  name: z.enum([
    'name',
    'number',
    'sex',
    'nationality',
    'ethnicity',
    'birth-date',
    'address',
    'issuer',
    'valid-from',
    'valid-until',
    'issue-country',
    'document-type',
    'vehicle-class',
    'first-issue-date',
    'card-network',
    'given-names',
    'surname',
    'optional-data',
  ]),
  value: z.string().max(300),
  confidence: z.number(),
  check: z.enum(['passed', 'failed', 'none']),
})
export type DocumentField = z.infer<typeof DocumentField>
export const DocumentReading = z.object({
  pageId: PageId,
  kind: DocumentKind,
  fields: z.array(DocumentField).max(30),
  /** True when every check digit on the document holds. */
  checksPassed: z.boolean(),
  /** True when values were shortened before they were kept (scenario policy; card numbers always). */
  masked: z.boolean(),
})
export type DocumentReading = z.infer<typeof DocumentReading>

export const FaceComparison = z.object({
  documentPageId: PageId,
  facePageId: PageId,
  outcome: z.enum(['compared', 'no-face-on-document', 'no-live-face', 'several-faces']),
  /** 0..1, 1 = the same face; absent unless compared. A hint for a person, never a decision. */
  score: z.number().min(0).max(1).optional(),
  threshold: z.number().min(0).max(1),
  model: z.string().max(80),
})
export type FaceComparison = z.infer<typeof FaceComparison>
