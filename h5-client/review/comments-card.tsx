import { useEffect, useRef, useState } from 'preact/hooks'
import type { Comment } from '../../signaling/protocol/review-work.ts'
import { placeText } from '../shared/console/durations.ts'
import { useStore } from '../shared/console/use-store.ts'
import { Refused } from './loading.tsx'
import type { RecordProps } from './record-props.ts'
import { useSpeech } from './review-words.ts'
import { useTask } from './use-task.ts'
import { addComment, resolveComment } from './work-api.ts'

/** Comments at moments of the call: each leads there, can be answered, and be resolved. */
export function CommentsCard(props: RecordProps) {
  const { state, view, player } = props
  const { words } = useSpeech()
  const { commentAt } = useStore(view.state)
  const { comments } = state.opened.work
  const threads = comments
    .filter(one => one.replyTo === null)
    .sort((a, b) => (a.atMs ?? -1) - (b.atMs ?? -1) || a.at.localeCompare(b.at))
  return (
    <section class="card" data-test="comments">
      <div class="row between">
        <h2>{words.work.comments}</h2>
        <span class="row tight">
          <button type="button" class="button plain" onClick={() => view.comment(null)}>
            {words.work.whole}
          </button>
          <button
            type="button"
            class="button"
            data-test="comment-here"
            onClick={() => view.comment(player.state.get().atMs)}
          >
            + <kbd>C</kbd>
          </button>
        </span>
      </div>
      {commentAt === undefined ? null : (
        <CommentForm {...props} atMs={commentAt} onDone={() => view.comment(undefined)} />
      )}
      {threads.length === 0 && commentAt === undefined ? <p class="quiet">{words.work.noComments}</p> : null}
      <ul class="people">
        {threads.map(one => (
          <Thread
            key={one.commentId}
            {...props}
            comment={one}
            replies={comments.filter(other => other.replyTo === one.commentId)}
          />
        ))}
      </ul>
    </section>
  )
}

type FormProps = RecordProps & {
  readonly atMs: number | null
  readonly replyTo?: string
  readonly onDone: () => void
}

function CommentForm({ desk, state, atMs, replyTo, onDone }: FormProps) {
  const { words } = useSpeech()
  const [text, setText] = useState('')
  const input = useRef<HTMLTextAreaElement>(null)
  const task = useTask(desk)
  const { callId } = state.row
  useEffect(() => {
    input.current?.focus()
    input.current?.scrollIntoView({ block: 'nearest' })
  }, [])
  const label = atMs === null ? words.work.commentAll : words.work.commentAt(placeText(atMs))
  const submit = async (event: Event) => {
    event.preventDefault()
    const told = await task.run(async () => {
      const comment = await addComment(callId, { atMs, text: text.trim(), ...(replyTo && { replyTo }) })
      desk.setWork(callId, work => ({ ...work, comments: [...work.comments, comment] }))
    })
    if (told) onDone()
  }
  return (
    <form class="comment-form" data-test="comment-form" onSubmit={submit}>
      <label class="field">
        <span>{label}</span>
        <textarea
          ref={input}
          data-test="comment-text"
          rows={3}
          maxLength={2000}
          value={text}
          onInput={event => setText(event.currentTarget.value)}
          onKeyDown={event => event.key === 'Escape' && onDone()}
        />
      </label>
      <Refused failed={task.failed} message={task.message} />
      <div class="row">
        <button
          type="submit"
          class="button primary"
          data-test="comment-save"
          disabled={task.busy || text.trim() === ''}
        >
          {words.work.save}
        </button>
        <button type="button" class="button plain" onClick={onDone}>
          {words.work.cancel}
        </button>
      </div>
    </form>
  )
}

function Thread(props: RecordProps & { readonly comment: Comment; readonly replies: readonly Comment[] }) {
  const { comment, replies, desk, player } = props
  const { words, time } = useSpeech()
  const [replying, setReplying] = useState(false)
  const task = useTask(desk)
  const resolve = () =>
    task.run(async () => {
      const changed = await resolveComment(comment.commentId, comment.resolved === null)
      desk.setWork(comment.callId, work => ({
        ...work,
        comments: work.comments.map(one => (one.commentId === changed.commentId ? changed : one)),
      }))
    })
  return (
    <li class={comment.resolved ? 'comment resolved' : 'comment'} data-test="comment" data-at-ms={comment.atMs ?? ''}>
      <div class="row between">
        {comment.atMs === null ? (
          <span class="quiet">{words.work.whole}</span>
        ) : (
          <button
            type="button"
            class="at-link"
            data-test="comment-go"
            title={words.seekTo(placeText(comment.atMs))}
            onClick={() => player.seek(comment.atMs ?? 0)}
          >
            {placeText(comment.atMs)}
          </button>
        )}
        <span class="quiet">
          {comment.author.name} · {time(comment.at)}
        </span>
      </div>
      <p class="comment-text">{comment.text}</p>
      {replies.map(reply => (
        <p key={reply.commentId} class="comment-text reply">
          {reply.text} <span class="quiet">{reply.author.name}</span>
        </p>
      ))}
      <div class="row">
        {comment.resolved ? <span class="quiet">{words.work.resolvedBy(comment.resolved.by.name)}</span> : null}
        <button
          type="button"
          class="button small plain"
          data-test="comment-resolve"
          disabled={task.busy}
          onClick={() => void resolve()}
        >
          {comment.resolved ? words.work.reopen : words.work.resolve}
        </button>
        <button type="button" class="button small plain" onClick={() => setReplying(!replying)}>
          {words.work.reply}
        </button>
      </div>
      <Refused failed={task.failed} message={task.message} />
      {replying ? (
        <CommentForm {...props} atMs={comment.atMs} replyTo={comment.commentId} onDone={() => setReplying(false)} />
      ) : null}
    </li>
  )
}
