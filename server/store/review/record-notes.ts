import { AppError } from '../../../signaling/protocol/errors.ts'
import type { CallId, UserId } from '../../../signaling/protocol/ids.ts'
import type { Comment, NewComment, Tag } from '../../../signaling/protocol/review-work.ts'
import { reviewId } from '../../review/review-id.ts'
import type { Database } from '../database.ts'

type Person = { readonly id: UserId; readonly name: string }

/** Comments at moments of a call, tags, and the customer's reference. Nothing is overwritten. */
export class RecordNotes {
  readonly #db: Database
  constructor(db: Database) {
    this.#db = db
  }

  /** @throws AppError `not-found` when the comment replied to is not of this call */
  async comment(by: Person, callId: CallId, o: NewComment): Promise<Comment> {
    if (o.replyTo !== undefined && (await this.commentOf(o.replyTo))?.callId !== callId)
      throw new AppError('not-found', 'no such comment')
    const row = {
      comment_id: reviewId('note'),
      call_id: callId,
      at_ms: o.atMs === null ? null : Math.round(o.atMs),
      text: o.text,
      reply_to: o.replyTo ?? null,
      author_id: by.id,
      author_name: by.name,
      at: new Date().toISOString(),
    }
    await this.#db.kysely.insertInto('comments').values(row).execute()
    return (await this.comments(callId)).find(one => one.commentId === row.comment_id) as Comment
  }

  async commentOf(commentId: string): Promise<Comment | undefined> {
    const row = await this.#db.kysely
      .selectFrom('comments')
      .select('call_id')
      .where('comment_id', '=', commentId)
      .executeTakeFirst()
    return row && (await this.comments(row.call_id as CallId)).find(one => one.commentId === commentId)
  }

  /** In order of the call's clock; those about the whole record first. */
  async comments(callId: CallId): Promise<Comment[]> {
    const rows = await this.#db.kysely
      .selectFrom('comments')
      .selectAll()
      .where('call_id', '=', callId)
      .orderBy('at_ms')
      .orderBy('at')
      .execute()
    if (rows.length === 0) return []
    const turns = await this.#db.kysely
      .selectFrom('comment_turns')
      .selectAll()
      .where(
        'comment_id',
        'in',
        rows.map(row => row.comment_id),
      )
      .orderBy('turn')
      .execute()
    return rows.map(row => {
      const turn = turns.findLast(one => one.comment_id === row.comment_id)
      return {
        commentId: row.comment_id,
        callId: row.call_id as CallId,
        atMs: row.at_ms,
        text: row.text,
        replyTo: row.reply_to,
        author: { id: row.author_id, name: row.author_name },
        at: row.at,
        resolved: turn?.resolved === 1 ? { by: { id: turn.user_id, name: turn.user_name }, at: turn.at } : null,
      }
    })
  }

  async resolve(by: Person, commentId: string, resolved: boolean): Promise<void> {
    await this.#db.kysely
      .insertInto('comment_turns')
      .values({
        comment_id: commentId,
        resolved: resolved ? 1 : 0,
        user_id: by.id,
        user_name: by.name,
        at: new Date().toISOString(),
      })
      .execute()
  }

  async tags(callId: CallId): Promise<Tag[]> {
    const rows = await this.#db.kysely
      .selectFrom('tags')
      .selectAll()
      .where('call_id', '=', callId)
      .where('removed_at', 'is', null)
      .orderBy('tag_id')
      .execute()
    return rows.map(row => ({ tag: row.tag, by: { id: row.added_by, name: row.added_by_name }, at: row.added_at }))
  }

  /** A tag that is there already stays as it is. */
  async tag(by: Person, callId: CallId, tag: string): Promise<void> {
    if ((await this.tags(callId)).some(one => one.tag === tag)) return
    await this.#db.kysely
      .insertInto('tags')
      .values({
        call_id: callId,
        tag,
        added_by: by.id,
        added_by_name: by.name,
        added_at: new Date().toISOString(),
        removed_by: null,
        removed_at: null,
      })
      .execute()
  }

  async untag(by: Person, callId: CallId, tag: string): Promise<void> {
    await this.#db.kysely
      .updateTable('tags')
      .set({ removed_by: by.id, removed_at: new Date().toISOString() })
      .where('call_id', '=', callId)
      .where('tag', '=', tag)
      .where('removed_at', 'is', null)
      .execute()
  }

  async refer(by: Person, callId: CallId, reference: string): Promise<void> {
    await this.#db.kysely
      .insertInto('call_references')
      .values({
        call_id: callId,
        reference,
        set_by: by.id,
        set_by_name: by.name,
        set_at: new Date().toISOString(),
      })
      .execute()
  }
}
