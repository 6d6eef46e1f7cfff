import { useState } from 'preact/hooks'
import type { UserId } from '../../signaling/protocol/ids.ts'
import type { Sample, SampleCheck, SampleMethod } from '../../signaling/protocol/review-work.ts'
import { LoadedCards } from './loaded-cards.tsx'
import { Refused } from './loading.tsx'
import { useSpeech } from './review-words.ts'
import { ReviewerPicker } from './reviewer-picker.tsx'
import type { SectionProps } from './sections.ts'
import { useLoaded, useTask } from './use-task.ts'
import { checkSample, drawSample, samples } from './work-api.ts'

const METHODS = ['random', 'quota', 'all'] as const
const PERIODS = ['day', 'week', 'month', 'all'] as const

/** Samples: what was drawn from what, by which seed, so that anybody can draw it again. */
export function LeadSamples({ desk }: SectionProps) {
  const { words, number, time } = useSpeech()
  const say = words.work.lead
  const { state, again } = useLoaded(desk, samples)
  return (
    <>
      <NewSample desk={desk} onDrawn={again} />
      <LoadedCards
        state={state}
        again={again}
        waiting={words.work.loadingWork}
        none={say.noSamples}
        card={sample => (
          <li key={sample.sampleId} class="card" data-test="sample">
            <div class="row between">
              <strong>{sample.title}</strong>
              <span>{say.progress(number(sample.done), number(sample.size))}</span>
            </div>
            <p class="quiet">
              {say.methods[sample.method.kind]} · {say.drawn(number(sample.size), number(sample.population))} ·{' '}
              {sample.by.name} · {time(sample.at)}
            </p>
            <p class="quiet wrap">
              {say.seedUsed} <code>{sample.seed}</code> · {say.population}{' '}
              <code>{sample.populationSha256.slice(0, 16)}</code>
            </p>
            <Recheck desk={desk} sample={sample} />
          </li>
        )}
      />
    </>
  )
}

function Recheck({ desk, sample }: Pick<SectionProps, 'desk'> & { readonly sample: Sample }) {
  const { words, number } = useSpeech()
  const say = words.work.lead
  const [found, setFound] = useState<SampleCheck | undefined>()
  const task = useTask(desk)
  return (
    <div class="row">
      <button
        type="button"
        class="button small"
        data-test="sample-check"
        disabled={task.busy}
        onClick={() => void task.run(async () => setFound(await checkSample(sample.sampleId)))}
      >
        {say.check}
      </button>
      {found ? (
        <span role="status" class={found.same ? undefined : 'incomplete'}>
          {found.same
            ? say.same
            : say.differs(number(found.gone.length), number(found.missing.length), number(found.added.length))}
        </span>
      ) : null}
      <Refused failed={task.failed} />
    </div>
  )
}

function NewSample({ desk, onDrawn }: Pick<SectionProps, 'desk'> & { readonly onDrawn: () => void }) {
  const { words } = useSpeech()
  const say = words.work.lead
  const [title, setTitle] = useState('')
  const [last, setLast] = useState(Object.keys(desk.rule).length > 0)
  const [kind, setKind] = useState<SampleMethod['kind']>('random')
  const [size, setSize] = useState('10')
  const [period, setPeriod] = useState<(typeof PERIODS)[number]>('week')
  const [seed, setSeed] = useState('')
  const [withoutEarlier, setWithoutEarlier] = useState(true)
  const [reviewers, setReviewers] = useState<readonly string[]>([])
  const [due, setDue] = useState('')
  const task = useTask(desk)
  const count = Math.max(1, Math.round(Number(size) || 1))
  const method: SampleMethod = kind === 'quota' ? { kind, perAgent: count, period } : { kind, size: count }
  const submit = async (event: Event) => {
    event.preventDefault()
    const drawn = await task.run(() =>
      drawSample({
        title: title.trim(),
        rule: last ? { ...desk.rule } : {},
        method,
        withoutEarlier,
        ...(seed.trim() && { seed: seed.trim() }),
        ...(reviewers.length > 0 && {
          assign: {
            reviewerIds: reviewers as UserId[],
            ...(due && { dueAt: new Date(`${due}T23:59:59`).toISOString() }),
          },
        }),
      }),
    )
    if (!drawn) return
    setTitle('')
    onDrawn()
  }
  return (
    <form class="card room-form" data-test="sample-form" onSubmit={submit}>
      <h2 class="whole">{say.newSample}</h2>
      <label class="field">
        <span>{words.work.searchTitle}</span>
        <input
          data-test="sample-title"
          maxLength={80}
          value={title}
          onInput={event => setTitle(event.currentTarget.value)}
        />
      </label>
      <label class="field">
        <span>{say.rule}</span>
        <select value={last ? '1' : ''} onChange={event => setLast(event.currentTarget.value === '1')}>
          <option value="">{say.ruleAll}</option>
          <option value="1">{say.ruleLast}</option>
        </select>
      </label>
      <label class="field">
        <span>{say.method}</span>
        <select
          data-test="sample-method"
          value={kind}
          onChange={event => setKind(METHODS.find(one => one === event.currentTarget.value) ?? 'random')}
        >
          {METHODS.map(one => (
            <option key={one} value={one}>
              {say.methods[one]}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{kind === 'quota' ? say.perAgent : say.size}</span>
        <input type="number" min="1" max="500" value={size} onInput={event => setSize(event.currentTarget.value)} />
      </label>
      {kind === 'quota' ? (
        <label class="field">
          <span>{say.period}</span>
          <select
            value={period}
            onChange={event => setPeriod(PERIODS.find(one => one === event.currentTarget.value) ?? 'week')}
          >
            {PERIODS.map(one => (
              <option key={one} value={one}>
                {say.periods[one]}
              </option>
            ))}
          </select>
        </label>
      ) : null}
      <label class="field">
        <span>{say.seed}</span>
        <input maxLength={64} value={seed} onInput={event => setSeed(event.currentTarget.value)} />
      </label>
      <label class="field">
        <span>{say.dueAt}</span>
        <input type="date" value={due} onInput={event => setDue(event.currentTarget.value)} />
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={withoutEarlier}
          onChange={event => setWithoutEarlier(event.currentTarget.checked)}
        />
        {say.withoutEarlier}
      </label>
      <ReviewerPicker desk={desk} chosen={reviewers} onChange={setReviewers} />
      <Refused failed={task.failed} message={task.message} />
      <button type="submit" class="button primary" data-test="sample-draw" disabled={task.busy || title.trim() === ''}>
        {say.draw}
      </button>
    </form>
  )
}
