import { placeText } from '../../../../h5-client/shared/console/durations.ts'
import { entryTone, entryWords, isDetail, participantNames } from '../../../../h5-client/shared/console/entry-words.ts'
import { problemSentence } from '../../../../recordings/seal/problem-sentence.ts'
import type { ArchiveFinding } from '../../../../signaling/protocol/archive.ts'
import { consentRecords } from '../../../../signaling/protocol/consent-records.ts'
import type { ExportAccess, ExportOrigin } from '../../../../signaling/protocol/record-export.ts'
import type { ExportSpeech } from '../export-speech.ts'
import type { RecordFacts } from '../read-facts.ts'
import { pictureTexts } from './picture-texts.ts'
import type { ReportBlock, ReportFact } from './report-block.ts'

export type ReportContent = {
  /** As it is to be shown: masked where that was asked for. */
  readonly facts: RecordFacts
  readonly origin: ExportOrigin
  readonly access: readonly ExportAccess[]
  readonly speech: ExportSpeech
}

/** The report of a call, the verdict first. Pure. */
export function reportBlocks(content: ReportContent): readonly ReportBlock[] {
  const blocks = [
    ...verdictBlocks(content),
    ...callBlocks(content),
    ...exportBlocks(content),
    ...peopleBlocks(content),
    ...timelineBlocks(content),
    ...pictureBlocks(content),
    ...soundnessBlocks(content),
    ...fileBlocks(content),
    ...accessBlocks(content),
    ...checkBlocks(content),
  ]
  // A copy with masked numbers has no hashes over what is masked.
  return blocks.map(block =>
    block.kind === 'facts' ? { ...block, rows: block.rows.filter(({ value }) => value !== '') } : block,
  )
}

function verdictBlocks({ facts, speech }: ReportContent): ReportBlock[] {
  const { words, review, time, number } = speech
  const { record, verdict, stamps } = facts
  const { seal, journal } = record
  return [
    {
      kind: 'verdict',
      good: verdict.intact,
      text: verdict.intact ? words.intact : words.broken,
      lines: [
        words.checked(number(verdict.filesChecked), number(verdict.bytesChecked)),
        ...verdict.problems.map(problem => `${review.problems[problem.kind]} — ${problemSentence(problem)}`),
        words.again,
      ],
    },
    {
      kind: 'facts',
      rows: [
        { name: review.verdict.sealedAt, value: time(seal.sealedAt) },
        { name: review.verdict.keyId, value: seal.keyId, mono: true },
        { name: words.signature, value: seal.signature, mono: true },
        { name: words.manifestHash, value: facts.manifestSha256, mono: true },
        { name: words.journalHead, value: journal.head, mono: true },
        ...(stamps.length === 0 ? [{ name: words.stamps, value: words.noStamps }] : []),
        ...stamps.map(({ of, at, by, trusted, fault }): ReportFact => {
          const good =
            at !== undefined &&
            `${words.stampGood(time(at), by ?? '')}; ${trusted ? words.stampTrusted : words.stampUntrusted}`
          return { name: `${words.stamps} · ${words.stampOf[of]}`, value: good || words.stampWrong(fault ?? '') }
        }),
      ],
    },
  ]
}

function callBlocks({ facts: { record }, speech }: ReportContent): ReportBlock[] {
  const { words, review, console: common, external, time } = speech
  const answeredMs = Date.parse(record.answeredAt)
  return [
    { kind: 'heading', text: words.call },
    {
      kind: 'facts',
      rows: [
        { name: review.callId, value: record.callId, mono: true },
        { name: review.caller, value: record.from },
        { name: review.called, value: record.to },
        { name: review.agent, value: record.agent.name },
        { name: words.begin, value: time(answeredMs) },
        { name: words.end, value: `${time(answeredMs + record.durationMs)} · ${common.ends[record.end.cause]}` },
        { name: review.duration, value: placeText(record.durationMs) },
        ...(record.external
          ? [
              { name: external.system, value: record.external.system },
              { name: external.number, value: record.external.id, mono: true },
              {
                name: external.voice,
                value: record.external.voice === 'recorded' ? external.withVoice : external.noVoice,
              },
            ]
          : []),
      ],
    },
  ]
}

function exportBlocks({ origin, speech }: ReportContent): ReportBlock[] {
  const { words, time } = speech
  const { release } = origin
  return [
    { kind: 'heading', text: words.exported },
    {
      kind: 'note',
      text: origin.redactionId
        ? words.redactedNote(origin.redactionId)
        : origin.kind === 'evidence'
          ? words.evidenceNote
          : words.viewingNote,
    },
    {
      kind: 'facts',
      rows: [
        { name: words.exportedBy, value: origin.by.name },
        { name: words.exportedAt, value: time(origin.at) },
        { name: words.reason, value: origin.reason },
        { name: words.exportId, value: origin.exportId, mono: true },
        ...(release
          ? [
              {
                name: words.release,
                value: words.releaseAsked(release.askedBy, time(release.askedAt), release.reason),
              },
              { name: '', value: words.releaseAgreed(release.agreedBy, time(release.agreedAt), release.answer) },
              { name: words.releaseId, value: release.releaseId, mono: true },
            ]
          : []),
      ],
    },
  ]
}

function peopleBlocks({ facts: { record, entries }, speech }: ReportContent): ReportBlock[] {
  const { words, review, console: common } = speech
  const consents = record.consents ?? consentRecords(entries)
  return [
    { kind: 'heading', text: review.participants },
    {
      kind: 'facts',
      rows: record.participants.map(({ role, displayName, id }) => ({
        name: common.roles[role],
        value: displayName ? `${displayName} · ${id}` : id,
      })),
    },
    { kind: 'heading', text: review.consents },
    ...(consents.length === 0 ? [{ kind: 'note' as const, text: review.noConsents }] : []),
    {
      kind: 'facts',
      rows: consents.map(one => {
        const line = words.consentLine(one.given, one.recordedBy, one.textVersion, one.language)
        const back = one.withdrawnAtMs === undefined ? '' : `; ${words.consentWithdrawn(placeText(one.withdrawnAtMs))}`
        return { name: `${placeText(one.atMs)} ${common.consents[one.kind]}`, value: `${line}${back}` }
      }),
    },
  ]
}

function timelineBlocks({ facts: { record, entries }, speech }: ReportContent): ReportBlock[] {
  const { words, console: common, clock, number } = speech
  const names = participantNames(entries, common)
  const shown = entries.filter(entry => !isDetail(entry))
  const answeredMs = Date.parse(record.answeredAt)
  return [
    { kind: 'heading', text: words.timeline },
    { kind: 'note', text: words.timelineNote(number(shown.length), number(entries.length)) },
    {
      kind: 'table',
      columns: [
        { title: words.clock, share: 0.13 },
        { title: words.place, share: 0.13 },
        { title: words.event, share: 0.74 },
      ],
      rows: shown.map(entry => ({
        cells: [clock(answeredMs + entry.atMs), placeText(entry.atMs), entryWords(entry, common, names)],
        tone: entryTone(entry),
      })),
    },
  ]
}

function pictureBlocks({ facts: { entries, list }, speech }: ReportContent): ReportBlock[] {
  const { words, number } = speech
  const pictures = pictureTexts(entries)
  const there = new Set(list.map(({ path }) => path))
  return [
    { kind: 'heading', text: words.pictures },
    ...(pictures.length === 0 ? [{ kind: 'note' as const, text: words.noPictures }] : []),
    ...pictures.map((one, index): ReportBlock => {
      const { picture } = one
      const texts = one.read.flatMap(({ text, confidence, corrected }) => [
        { text: `${words.readText} · ${Math.round(confidence)}%`, quiet: true },
        { text: text || words.noText },
        ...(corrected === undefined ? [] : [{ text: words.correctedText, quiet: true }, { text: corrected }]),
      ])
      return {
        kind: 'picture',
        file: there.has(picture.file) ? picture.file : '',
        title: `${words.picture(number(index + 1))} · ${placeText(one.addedAtMs)}`,
        captions: [`${picture.file} · ${picture.widthPx}×${picture.heightPx}`, `SHA-256 ${picture.sha256}`],
        lines: [
          ...(texts.length === 0 ? [{ text: words.noText, quiet: true }] : texts),
          ...one.codes.map(text => ({ text })),
          ...one.fields.map(({ name, value }) => ({ text: `${name}: ${value}` })),
        ],
      }
    }),
  ]
}

function soundnessBlocks({ facts, speech }: ReportContent): ReportBlock[] {
  const { words, review, console: common } = speech
  const { findings, remarks } = facts.record
  return [
    { kind: 'heading', text: words.spans },
    ...(facts.spans.length === 0 ? [{ kind: 'note' as const, text: words.noSpans }] : []),
    {
      kind: 'facts',
      rows: facts.spans.map(({ kind, track, fromMs, toMs }) => ({
        name: `${placeText(fromMs)} – ${placeText(toMs)}`,
        value: `${words.spanKinds[kind]}${track ? ` · ${common.tracks[track]}` : ''}`,
      })),
    },
    { kind: 'heading', text: words.findings },
    ...(findings === undefined || findings.length === 0
      ? [{ kind: 'note' as const, text: findings ? words.noFindings : words.notReconciled }]
      : []),
    {
      kind: 'facts',
      rows: (findings ?? []).map(finding => ({ name: about(finding, speech), value: figures(finding, speech) })),
    },
    ...(remarks.length > 0
      ? [
          { kind: 'heading' as const, text: words.remarks },
          { kind: 'facts' as const, rows: remarks.map(value => ({ name: '', value })) },
        ]
      : []),
    { kind: 'heading', text: review.tracks },
    {
      kind: 'facts',
      rows: facts.record.tracks.map(one => ({
        name: `${common.tracks[one.track]} · ${one.codec}`,
        value: `${one.file} · ${placeText(one.startsAtMs)} – ${placeText(one.endsAtMs)} · ${review.packets(String(one.packets), String(one.packetsReceived))}`,
      })),
    },
  ]
}

function about(finding: ArchiveFinding, { console: common }: ExportSpeech): string {
  if ('file' in finding) return finding.file
  return common.tracks[finding.track]
}

function figures(finding: ArchiveFinding, { words }: ExportSpeech): string {
  const { kind, ...rest } = finding
  const numbers = Object.entries(rest).flatMap(([name, value]) =>
    typeof value === 'number' ? [`${name} ${value}`] : [],
  )
  return [words.findingKinds[kind], ...numbers].join(' · ')
}

function fileBlocks({ facts: { record, manifestSha256 }, speech }: ReportContent): ReportBlock[] {
  const { words, number } = speech
  return [
    { kind: 'heading', text: words.files },
    {
      kind: 'table',
      columns: [
        { title: words.file, share: 0.31 },
        { title: words.bytes, share: 0.1 },
        { title: 'SHA-256', share: 0.59, mono: true },
      ],
      rows: [
        { cells: ['manifest.json', '', manifestSha256] },
        ...record.files.map(({ path, bytes, sha256 }) => ({ cells: [path, number(bytes), sha256] })),
      ],
    },
  ]
}

function accessBlocks({ access, speech }: ReportContent): ReportBlock[] {
  const { words, review, time } = speech
  return [
    { kind: 'heading', text: review.access },
    ...(access.length === 0 ? [{ kind: 'note' as const, text: words.noAccess }] : []),
    {
      kind: 'table',
      columns: [
        { title: words.clock, share: 0.32 },
        { title: words.person, share: 0.16 },
        { title: words.event, share: 0.52 },
      ],
      rows: access.map(one => ({
        cells: [
          time(one.at),
          one.userName,
          [speech.actions[one.action] ?? one.action, one.detail].filter(Boolean).join(' · '),
        ],
      })),
    },
  ]
}

function checkBlocks({ facts: { record }, speech }: ReportContent): ReportBlock[] {
  const { words } = speech
  return [
    { kind: 'heading', text: words.howTo },
    ...words.howToSteps.map(text => ({ kind: 'note' as const, text })),
    { kind: 'facts', rows: [{ name: words.publicKey, value: record.seal.publicKey.trim(), mono: true }] },
  ]
}
