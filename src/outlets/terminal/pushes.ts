/** `muster pushes`: what is where, and what is not. */
import type { Push } from '../../model/push.ts'
import { sayDuration } from '../../model/units.ts'
import { oneLine } from '../../system/text.ts'
import { paint, table } from './style.ts'

const colours = { kept: 'green', pending: 'yellow', refused: 'red' } as const

export function renderPushes(pushes: readonly Push[], now: Date): string {
  if (pushes.length === 0) return 'No metrics were handed on yet.'
  const rows = pushes.map(({ target, place, key, method, state, attempts, keptAt, answer, problem }) => [
    paint(colours[state], state),
    target,
    oneLine(key === '' ? place : key) + (method === 'delete' ? ' (to be deleted)' : ''),
    keptAt === undefined ? 'never' : `${sayDuration(now.getTime() - keptAt.getTime())} ago`,
    String(attempts),
    oneLine(state === 'kept' ? (answer ?? '') : (problem?.message ?? '')).slice(0, 120),
  ])
  const fixes = new Map(
    pushes.flatMap(({ target, state, problem }) =>
      state === 'kept' || problem === undefined ? [] : [[`${paint('red', target)}: → ${oneLine(problem.next)}`, true]],
    ),
  )
  return [table(['state', 'to', 'what', 'taken', 'tries', 'answer'], rows), ...fixes.keys()].join('\n')
}

/** For programs: the body can be had from the other side. */
export const shownPush = ({ body, ...push }: Push): object => ({ ...push, bytes: Buffer.byteLength(body) })
