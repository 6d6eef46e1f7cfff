import { createRequire } from 'node:module'
import PDFDocument from 'pdfkit'
import type { ReportBlock, ReportColumn, ReportRow } from './report-block.ts'

const font = (name: string) =>
  createRequire(import.meta.url).resolve(`@expo-google-fonts/noto-sans-sc/${name}/NotoSansSC_${name}.ttf`)
const REGULAR = font('400Regular')
const BOLD = font('700Bold')

/** Points; A4. */
const MARGIN = 48
const BOTTOM = 60
const WIDTH = 595.28 - 2 * MARGIN
const NAME_SHARE = 0.27
const SIZE = 9
const GAP = 3
const PICTURE_SHARE = 0.46
const MAX_PICTURE_HEIGHT = 250
const INK = { text: '#1d2129', quiet: '#6b7280', line: '#d5d9e0', good: '#0b7a3b', danger: '#b42318', warn: '#9a6700' }

/**
 * The font's tables of ligatures and kerning cost fontkit 6 ms a line (a Chinese font has thousands), and Chinese and numbers
 * in columns need neither. pdfkit hands this on as it is.
 */
const PLAIN = {
  features: Object.fromEntries(
    ['ccmp', 'locl', 'rlig', 'mark', 'mkmk', 'calt', 'clig', 'liga', 'rclt', 'kern'].map(name => [name, false]),
  ) as unknown as PDFKit.Mixins.OpenTypeFeatures[],
}

export type PrintPicture = { readonly jpeg: Buffer; readonly widthPx: number; readonly heightPx: number }
export type DrawOptions = {
  readonly title: string
  readonly subtitle: string
  /** Under every page, beside its number. */
  readonly footer: string
  readonly pageText: (page: number, pages: number) => string
  readonly at: Date
  /** Small enough for print; undefined: it cannot be read. */
  readonly picture: (file: string) => Promise<PrintPicture | undefined>
  readonly pictureMissing: string
}

/** Draws a report on A4 pages. What comes out must be read while this runs; only the letters used are embedded. */
export class ReportPdf {
  readonly output: NodeJS.ReadableStream
  readonly #pdf: PDFKit.PDFDocument
  readonly #o: DrawOptions

  constructor(o: DrawOptions) {
    this.#o = o
    this.#pdf = new PDFDocument({
      size: 'A4',
      margins: { top: MARGIN, bottom: BOTTOM, left: MARGIN, right: MARGIN },
      bufferPages: true,
      font: REGULAR,
      info: { Title: `${o.title} ${o.subtitle}`, Creator: 'Tongping', CreationDate: o.at, ModDate: o.at },
    })
    this.#pdf.registerFont('regular', REGULAR)
    this.#pdf.registerFont('bold', BOLD)
    this.output = this.#pdf
  }

  async draw(blocks: readonly ReportBlock[]): Promise<void> {
    const pdf = this.#pdf
    pdf.font('bold').fontSize(17).fillColor(INK.text).text(this.#o.title, PLAIN)
    pdf.font('regular').fontSize(SIZE).fillColor(INK.quiet).text(this.#o.subtitle, PLAIN)
    pdf.moveDown(0.8)
    for (const block of blocks) await this.#block(block)
    this.#footers()
    pdf.end()
  }

  async #block(block: ReportBlock): Promise<void> {
    switch (block.kind) {
      case 'heading':
        return this.#heading(block.text)
      case 'note':
        return this.#note(block.text)
      case 'verdict':
        return this.#verdict(block)
      case 'facts':
        for (const { name, value, mono } of block.rows)
          this.#row([name, value], [NAME_SHARE, 1 - NAME_SHARE], { quietFirst: true, mono: mono ? [1] : [] })
        this.#pdf.y += 4
        return
      case 'table':
        return this.#table(block.columns, block.rows)
      case 'picture':
        return this.#picture(block)
    }
  }

  #heading(text: string): void {
    this.#room(48)
    const pdf = this.#pdf
    pdf.moveDown(0.7)
    pdf
      .font('bold')
      .fontSize(12)
      .fillColor(INK.text)
      .text(text, MARGIN, pdf.y, { ...PLAIN, width: WIDTH })
    pdf
      .moveTo(MARGIN, pdf.y + 2)
      .lineTo(MARGIN + WIDTH, pdf.y + 2)
      .lineWidth(0.7)
      .strokeColor(INK.line)
      .stroke()
    pdf.y += 7
  }

  #note(text: string): void {
    this.#room(16)
    this.#pdf
      .font('regular')
      .fontSize(SIZE)
      .fillColor(INK.text)
      .text(text, MARGIN, this.#pdf.y, { ...PLAIN, width: WIDTH })
    this.#pdf.y += GAP
  }

  #verdict({ good, text, lines }: Extract<ReportBlock, { kind: 'verdict' }>): void {
    const pdf = this.#pdf
    const pad = 10
    const inner = WIDTH - 2 * pad
    const heights = [
      pdf
        .font('bold')
        .fontSize(14)
        .heightOfString(text, { ...PLAIN, width: inner }),
      ...lines.map(
        line =>
          pdf
            .font('regular')
            .fontSize(SIZE)
            .heightOfString(line, { ...PLAIN, width: inner }) + 2,
      ),
    ]
    const height = heights.reduce((sum, one) => sum + one, 2 * pad)
    this.#room(Math.min(height, 500))
    const top = pdf.y
    const colour = good ? INK.good : INK.danger
    // A record with very many problems goes over the page; then the frame would be a lie.
    if (height < 500) pdf.roundedRect(MARGIN, top, WIDTH, height, 4).lineWidth(1.6).strokeColor(colour).stroke()
    pdf
      .font('bold')
      .fontSize(14)
      .fillColor(colour)
      .text(text, MARGIN + pad, top + pad, { ...PLAIN, width: inner })
    for (const line of lines)
      pdf
        .font('regular')
        .fontSize(SIZE)
        .fillColor(INK.text)
        .text(line, MARGIN + pad, pdf.y + 2, { ...PLAIN, width: inner })
    pdf.x = MARGIN
    pdf.y += pad + 6
  }

  #table(columns: readonly ReportColumn[], rows: readonly ReportRow[]): void {
    if (rows.length === 0) return
    const shares = columns.map(({ share }) => share)
    const mono = columns.flatMap((column, index) => (column.mono ? [index] : []))
    const head = () =>
      this.#row(
        columns.map(({ title }) => title),
        shares,
        { allQuiet: true },
      )
    head()
    for (const { cells, tone } of rows)
      this.#row(cells, shares, { mono, onNewPage: head, ...(tone && tone !== 'quiet' && { colour: INK[tone] }) })
    this.#pdf.y += 4
  }

  /** Cells side by side; what does not fit on the page goes to the next one as a whole, unless it is longer than a page. */
  #row(
    cells: readonly string[],
    shares: readonly number[],
    o: { quietFirst?: boolean; allQuiet?: boolean; mono?: readonly number[]; colour?: string; onNewPage?: () => void },
  ): void {
    const pdf = this.#pdf
    const sizes = cells.map((_, index) => (o.mono?.includes(index) ? SIZE - 1.5 : SIZE))
    const widths = shares.map(share => share * WIDTH - 6)
    const heights = cells.map((cell, index) =>
      pdf
        .font('regular')
        .fontSize(sizes[index] ?? SIZE)
        .heightOfString(cell, { ...PLAIN, width: widths[index] ?? WIDTH }),
    )
    const height = Math.max(...heights)
    if (this.#room(Math.min(height + GAP, 600))) o.onNewPage?.()
    const top = pdf.y
    let left = MARGIN
    for (const [index, cell] of cells.entries()) {
      const quiet = o.allQuiet === true || (o.quietFirst === true && index === 0)
      pdf
        .font('regular')
        .fontSize(sizes[index] ?? SIZE)
        .fillColor(quiet ? INK.quiet : (o.colour ?? INK.text))
      pdf.text(cell, left, top, { ...PLAIN, width: widths[index] ?? WIDTH })
      left += (shares[index] ?? 0) * WIDTH
    }
    // A cell longer than a page has gone on to the next one by itself; then its end counts.
    if (height <= 600) pdf.y = top + height
    pdf.x = MARGIN
    pdf.y += GAP
  }

  async #picture(block: Extract<ReportBlock, { kind: 'picture' }>): Promise<void> {
    const pdf = this.#pdf
    const picture = block.file === '' ? undefined : await this.#o.picture(block.file)
    const boxWidth = WIDTH * PICTURE_SHARE
    const scale = picture ? Math.min(boxWidth / picture.widthPx, MAX_PICTURE_HEIGHT / picture.heightPx, 1) : 1
    const shownHeight = picture ? picture.heightPx * scale : 14
    const textLeft = MARGIN + boxWidth + 14
    const textWidth = WIDTH - boxWidth - 14
    this.#room(shownHeight + 58)
    pdf
      .font('bold')
      .fontSize(10)
      .fillColor(INK.text)
      .text(block.title, MARGIN, pdf.y, { ...PLAIN, width: WIDTH })
    for (const caption of block.captions)
      pdf
        .font('regular')
        .fontSize(7)
        .fillColor(INK.quiet)
        .text(caption, MARGIN, pdf.y, { ...PLAIN, width: WIDTH })
    const top = pdf.y + 4
    const page = this.#page
    if (picture) pdf.image(picture.jpeg, MARGIN, top, { width: picture.widthPx * scale })
    else
      pdf
        .fontSize(SIZE)
        .fillColor(INK.danger)
        .text(this.#o.pictureMissing, MARGIN, top, { ...PLAIN, width: boxWidth })
    pdf.y = top
    for (const { text, quiet } of block.lines) {
      pdf
        .font('regular')
        .fontSize(quiet ? 7.5 : SIZE)
        .fillColor(quiet ? INK.quiet : INK.text)
      pdf.text(text, textLeft, pdf.y, { ...PLAIN, width: textWidth })
    }
    pdf.x = MARGIN
    // A long text went over the page; the picture stayed behind.
    if (page === this.#page) pdf.y = Math.max(pdf.y, top + shownHeight)
    pdf.y += 12
  }

  get #page(): number {
    const { start, count } = this.#pdf.bufferedPageRange()
    return start + count
  }

  /** A new page when there is less room than this. */
  #room(height: number): boolean {
    const pdf = this.#pdf
    if (pdf.y + height <= pdf.page.height - BOTTOM) return false
    pdf.addPage()
    pdf.x = MARGIN
    pdf.y = MARGIN
    return true
  }

  #footers(): void {
    const pdf = this.#pdf
    const { start, count } = pdf.bufferedPageRange()
    for (let page = start; page < start + count; page++) {
      pdf.switchToPage(page)
      // Text below the margin would begin another page.
      pdf.page.margins.bottom = 0
      const y = pdf.page.height - 38
      pdf.font('regular').fontSize(7.5).fillColor(INK.quiet)
      pdf.text(this.#o.footer, MARGIN, y, { ...PLAIN, width: WIDTH * 0.75, lineBreak: false })
      pdf.text(this.#o.pageText(page - start + 1, count), MARGIN, y, {
        ...PLAIN,
        width: WIDTH,
        align: 'right',
        lineBreak: false,
      })
      pdf.page.margins.bottom = BOTTOM
    }
  }
}
