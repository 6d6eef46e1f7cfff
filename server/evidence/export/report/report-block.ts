/** What a report is made of, before it is drawn; `mono` is for hashes and ids. */
export type ReportBlock =
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'verdict'; readonly good: boolean; readonly text: string; readonly lines: readonly string[] }
  | { readonly kind: 'facts'; readonly rows: readonly ReportFact[] }
  | { readonly kind: 'table'; readonly columns: readonly ReportColumn[]; readonly rows: readonly ReportRow[] }
  | {
      readonly kind: 'picture'
      /** In the record. */
      readonly file: string
      readonly title: string
      readonly captions: readonly string[]
      /** Beside it. */
      readonly lines: readonly { readonly text: string; readonly quiet?: boolean }[]
    }

export type ReportFact = { readonly name: string; readonly value: string; readonly mono?: boolean }
export type ReportColumn = {
  readonly title: string /** Share of the line. */
  readonly share: number
  readonly mono?: boolean
}
export type ReportRow = { readonly cells: readonly string[]; readonly tone?: 'danger' | 'warn' | 'quiet' }
