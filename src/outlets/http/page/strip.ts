/** The last 30 days of a backup set, a square a day: form and colour both tell what the day brought. */
import { html } from 'hono/html'
import type { DayMark } from '../../../model/standing.ts'
import type { Html } from './layout.ts'
import { many } from './words.ts'

const step = 10
const square = 8
const height = 16

/** From the top: a failed day is half a square, an empty one an outline, one before the first snapshot a dot. */
const forms: Record<DayMark['mark'], { y: number; height: number; inset: number }> = {
  snapshot: { y: 0, height, inset: 0 },
  warning: { y: 4, height: height - 4, inset: 0 },
  failed: { y: height / 2, height: height / 2, inset: 0 },
  none: { y: 0.5, height: height - 1, inset: 0.5 },
  before: { y: height / 2 - 1, height: 2, inset: 3 },
}

const words: Record<DayMark['mark'], string> = {
  snapshot: '',
  warning: ', something was left out',
  failed: 'failed, no snapshot',
  none: 'no snapshot',
  before: 'before the first snapshot',
}

export function renderStrip(days: readonly DayMark[]): Html {
  const width = Math.max(1, days.length * step - (step - square))
  const squares = days.map((day, at) => {
    const { y, height: tall, inset } = forms[day.mark]
    return html`<rect class="day-${day.mark}" x="${at * step + inset}" y="${y}" width="${square - 2 * inset}" height="${tall}" rx="1.5"><title>${sayDay(day)}</title></rect>`
  })
  return html`<svg class="strip" viewBox="0 0 ${width} ${height}" role="img" aria-label="${sayStrip(days)}">${squares}</svg>`
}

const sayDay = ({ day, mark, snapshots }: DayMark): string =>
  `${day}: ${snapshots > 0 ? many(snapshots, 'snapshot') : ''}${words[mark]}`

function sayStrip(days: readonly DayMark[]): string {
  const amount = (mark: DayMark['mark']): number => days.filter((day) => day.mark === mark).length
  const parts = [
    `${amount('snapshot') + amount('warning')} with snapshots`,
    ...(['warning', 'failed', 'none', 'before'] as const).flatMap((mark) =>
      amount(mark) === 0 ? [] : [`${amount(mark)} ${mark === 'none' ? 'without' : mark}`],
    ),
  ]
  return `Last ${many(days.length, 'day')}: ${parts.join(', ')}`
}

const legendOf = (mark: DayMark['mark'], word: string): Html => {
  const { y, height: tall, inset } = forms[mark]
  return html`<span><svg viewBox="0 0 ${square} ${height}" width="${square}" height="${height}" aria-hidden="true"><rect class="day-${mark}" x="${inset}" y="${y}" width="${square - 2 * inset}" height="${tall}" rx="1.5"/></svg> ${word}</span>`
}

/** What the squares mean, once a page. */
export const legend: Html = html`<p class="legend" aria-hidden="true">${legendOf('snapshot', 'snapshot')}${legendOf('warning', 'snapshot, something left out')}${legendOf('failed', 'failed')}${legendOf('none', 'no snapshot')}</p>`
