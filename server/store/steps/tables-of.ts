import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** `?`: may be null. `serial`: the key, counted by the database. */
export type Column = 'text' | 'text?' | 'integer' | 'integer?' | 'serial'

/** Short forms for steps that make many tables: `table` with its columns and key, `index` over columns. */
export function tablesOf<Names extends object>(db: Kysely<Tables>) {
  return {
    async table(
      name: keyof Names & string,
      columns: Readonly<Record<string, Column>>,
      key?: readonly string[],
    ): Promise<void> {
      let builder = db.schema.createTable(name)
      for (const [column, kind] of Object.entries(columns)) {
        const type = kind.startsWith('text') ? 'text' : 'integer'
        builder = builder.addColumn(column, type, spec => {
          if (kind === 'serial') return spec.primaryKey().autoIncrement()
          return kind.endsWith('?') ? spec : spec.notNull()
        })
      }
      if (key) builder = builder.addPrimaryKeyConstraint(`${name}_key`, [...key] as never)
      await builder.execute()
    },
    async index(on: keyof Names & string, ...columns: string[]): Promise<void> {
      await db.schema
        .createIndex(`${on}_by_${columns.join('_')}`)
        .on(on)
        .columns(columns)
        .execute()
    },
  }
}
